import type pg from 'pg'
import { EngineError } from '../../src/engine/engine-error.ts'
import type { Reservations } from '../../src/engine/engine.ts'
import { tick } from '../helpers/clock.ts'
import { kindOf } from '../helpers/outcomes.ts'
import { randomOf } from '../helpers/random.ts'
import { randomCommand, type Known, type StormEvent } from './storm-commands.ts'

/** How many commands came to what: by kind of result, refusal or error. */
export type Tally = Record<string, number>

export interface StormOptions {
  readonly seed: number
  readonly commands: number
}

const CLIENTS = 8
/** After so many commands a client moves the clock on, and looks at what there is. */
const COMMANDS_BETWEEN_LOOKS = 4

/**
 * Sends random commands at the events from several clients at once, each by a seed of its own, on
 * whatever bookings and places in line there were lately: they step on each other's feet.
 */
export async function storm(
  reservations: Reservations,
  pool: pg.Pool,
  events: readonly StormEvent[],
  { seed, commands }: StormOptions,
): Promise<Tally> {
  const tally: Tally = {}
  const client = async (n: number): Promise<void> => {
    const random = randomOf(seed * 1000 + n)
    let known: Known = { bookings: [], entries: [], expired: [] }
    for (let sent = 0; sent < commands / CLIENTS; sent += 1) {
      if (sent % COMMANDS_BETWEEN_LOOKS === 0) {
        await tick(pool)
        known = await look(pool)
      }
      const command = randomCommand(random, events, known)
      const kind = await reservations.execute(command).then(kindOf, busyOrThrow)
      const word = `${command.type}: ${kind}`
      tally[word] = (tally[word] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, (_, n) => client(n)))
  return tally
}

async function look(pool: pg.Pool): Promise<Known> {
  const of = async (sql: string): Promise<Known['bookings']> =>
    (await pool.query<Known['bookings'][number]>(sql)).rows
  return {
    bookings: await of('SELECT id, event_id AS event FROM bookings ORDER BY id'),
    entries: await of('SELECT id, event_id AS event FROM waitlist_entries ORDER BY id'),
    // Those that have ended lately.
    expired: await of(`SELECT booking_id AS id, event_id AS event FROM expired_holds
      WHERE reason = 'expired' ORDER BY booking_id DESC LIMIT 12`),
  }
}

function busyOrThrow(error: unknown): string {
  if (error instanceof EngineError && error.reason === 'event_busy') return error.reason
  throw error
}
