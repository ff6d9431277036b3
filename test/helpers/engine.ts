import { PrismaPg } from '@prisma/adapter-pg'
import type { Test } from 'tap'
import { createPool, nameStatements } from '../../src/store/connections/pool.ts'
import { PrismaClient } from '../../src/generated/prisma/client.ts'
import type { Refusal, ReserveCommand } from '../../src/domain/commands.ts'
import { createReservations, type Reservations } from '../../src/engine/engine.ts'
import { testConfig } from './app.ts'

export interface OpenEngine {
  readonly reservations: Reservations
  close(): Promise<void>
}

/** An engine without HTTP, with a Prisma client and a pool of its own, as a process has it. */
export function openEngine(url: string, environment: Record<string, string> = {}): OpenEngine {
  const config = testConfig(url, environment)
  const pool = createPool(config.database)
  const adapter = new PrismaPg(pool, { statementNameGenerator: nameStatements(url) })
  const prisma = new PrismaClient({ adapter })
  const reservations = createReservations(prisma, config)
  return {
    reservations,
    async close() {
      await reservations.close()
      await prisma.$disconnect()
      await pool.end()
    },
  }
}

/** An engine that the teardown closes. */
export function createEngine(t: Test, url: string): Reservations {
  const engine = openEngine(url)
  t.teardown(() => engine.close())
  return engine.reservations
}

/** The command of a request that names an event and a user, and nothing else. */
export function plainReserve(
  eventId: number,
  userId: string,
  more: Partial<ReserveCommand> = {},
): ReserveCommand {
  const plain = { seats: 1, hold: false, waitlist: false, requestId: null }
  return { type: 'reserve', eventId, userId, ...plain, ...more }
}

/** Reserves one seat and tells what came of it. */
export async function reservePlain(
  reservations: Reservations,
  eventId: number,
  userId: string,
): Promise<'booked' | Refusal> {
  const answer = await reservations.execute(plainReserve(eventId, userId))
  if (answer.kind !== 'decided') throw new Error('a plain reservation has no idempotency key')
  return answer.outcome.ok ? 'booked' : answer.outcome.refusal
}
