import { setImmediate as nextTurn } from 'node:timers/promises'
import type pg from 'pg'
import { serviceOf } from '../../src/domain/access.ts'
import type { ReserveCommand } from '../../src/domain/commands/bookings.ts'
import { EngineError } from '../../src/engine/engine-error.ts'
import type { Reservations } from '../../src/engine/engine.ts'
import { plainReserve } from './commands.ts'
import { createEvent } from './race.ts'

/** Events with room for everybody, of one tenant. */
export async function createEventsOf(
  pool: pg.Pool,
  tenantId: string,
  count: number,
): Promise<number[]> {
  const ids = await Promise.all(Array.from({ length: count }, () => createEvent(pool, 100_000_000)))
  await pool.query('UPDATE events SET tenant_id = $1 WHERE id = ANY($2)', [tenantId, ids])
  return ids
}

/** One seat for a user, as the tenant asks for it. */
export function reserveOf(tenantId: string, eventId: number, userId: string): ReserveCommand {
  const origin = { ...serviceOf(tenantId), requestId: `request of ${userId}` }
  return { ...plainReserve(eventId, userId), origin }
}

/** A storm that goes on until it is ended. */
export interface Storm {
  /** Answers so far. */
  readonly answers: () => number
  /** Settles when all of its commands are answered. */
  end(): Promise<void>
}

/**
 * Has so many clients of a tenant book, each time anew as soon as they have their answer; every other
 * one of them wants the first event. Settles when the storm is well under way.
 */
export async function startStorm(
  reservations: Reservations,
  tenantId: string,
  events: readonly number[],
  clients: number,
): Promise<Storm> {
  let answers = 0
  let isOver = false
  const client = async (n: number): Promise<void> => {
    const eventId = events[n % 2 === 0 ? 0 : n % events.length] ?? 0
    while (!isOver) {
      await reservations.execute(reserveOf(tenantId, eventId, `storm ${(total += 1)}`)).catch(pass)
      answers += 1
    }
  }
  const all = Promise.all(Array.from({ length: clients }, (_, n) => client(n)))
  while (answers < clients) await nextTurn()
  return {
    answers: () => answers,
    end: async () => {
      isOver = true
      await all
    },
  }
}

let total = 0

function pass(error: unknown): void {
  if (!(error instanceof EngineError)) throw error
}
