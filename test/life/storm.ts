import type pg from 'pg'
import { EngineError } from '../../src/engine/engine-error.ts'
import type { Command } from '../../src/domain/commands.ts'
import type { Reservations } from '../../src/engine/engine.ts'
import { tick } from '../helpers/clock.ts'
import * as commands from '../helpers/commands.ts'
import { kindOf } from '../helpers/outcomes.ts'
import { randomOf, type Random } from '../helpers/random.ts'

/** How many commands came to what: by kind of result, refusal or error. */
export type Tally = Record<string, number>

export interface StormOptions {
  readonly seed: number
  readonly commands: number
}

interface Known {
  readonly bookings: readonly { id: number; event: number }[]
  readonly entries: readonly { id: number; event: number }[]
}

const USERS = 12
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
  eventIds: readonly number[],
  { seed, commands }: StormOptions,
): Promise<Tally> {
  const tally: Tally = {}
  const client = async (n: number): Promise<void> => {
    const random = randomOf(seed * 1000 + n)
    let known: Known = { bookings: [], entries: [] }
    for (let sent = 0; sent < commands / CLIENTS; sent += 1) {
      if (sent % COMMANDS_BETWEEN_LOOKS === 0) {
        await tick(pool)
        known = await look(pool)
      }
      const command = randomCommand(random, eventIds, known)
      const kind = await reservations.execute(command).then(kindOf, busyOrThrow)
      tally[kind] = (tally[kind] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, (_, n) => client(n)))
  return tally
}

async function look(pool: pg.Pool): Promise<Known> {
  const bookings = await pool.query('SELECT id, event_id AS event FROM bookings ORDER BY id')
  const entries = await pool.query('SELECT id, event_id AS event FROM waitlist_entries ORDER BY id')
  return { bookings: bookings.rows, entries: entries.rows }
}

function busyOrThrow(error: unknown): string {
  if (error instanceof EngineError && error.reason === 'event_busy') return error.reason
  throw error
}

/** Half of what is made carries none. */
const METADATA = [{}, { seat: 'aisle' }, { seat: 'front' }]

function randomCommand(
  { below }: Random,
  eventIds: readonly number[],
  { bookings, entries }: Known,
): Command {
  const by = <C extends Command>(command: C): C =>
    commands.askedBy(`request ${below(1e9)}`, command)
  const choice = below(20)
  const eventId = eventIds[below(eventIds.length)] ?? 0
  const booking = bookings[below(bookings.length)]
  const entry = entries[below(entries.length)]
  if (booking !== undefined && choice < 12) {
    if (choice < 5) return by(commands.cancel(booking.event, booking.id))
    if (choice < 6) return by(commands.cancelOfUser(eventId, `user ${below(USERS)}`))
    if (choice < 8) return by(commands.confirm(booking.event, booking.id))
    if (choice < 10) return by(commands.extend(booking.event, booking.id))
    const seats = below(3) === 0 ? undefined : 1 + below(3)
    return by(commands.resize(booking.event, booking.id, seats, METADATA[below(6)]))
  }
  if (choice === 12 && entry !== undefined) {
    return by(commands.leaveWaitlist(entry.event, entry.id))
  }
  if (choice === 13) return commands.settle(eventId)
  if (choice === 14) return by(commands.changeEvent(eventId, { totalSeats: 4 + below(8) }))
  const metadata = METADATA[below(6)]
  const options = { seats: 1 + below(3), hold: below(2) === 0, waitlist: below(3) > 0, metadata }
  return by(commands.plainReserve(eventId, `user ${below(USERS)}`, options))
}
