import type pg from 'pg'
import { ServiceError } from '../../src/http/errors.ts'
import type { Answer } from '../../src/engine/orders.ts'
import type { Command } from '../../src/domain/commands.ts'
import type { Reservations } from '../../src/engine/engine.ts'
import { tick } from '../helpers/clock.ts'
import { randomOf, type Random } from '../helpers/seed.ts'

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

function kindOf(answer: Answer): string {
  if (answer.kind !== 'decided') return answer.kind
  return answer.outcome.ok ? answer.outcome.result.kind : answer.outcome.refusal
}

function busyOrThrow(error: unknown): string {
  if (error instanceof ServiceError && error.code === 'event_busy') return error.code
  throw error
}

function randomCommand(
  { below }: Random,
  eventIds: readonly number[],
  { bookings, entries }: Known,
): Command {
  const requestId = `request ${below(1e9)}`
  const choice = below(20)
  const eventId = eventIds[below(eventIds.length)] ?? 0
  const booking = bookings[below(bookings.length)]
  const entry = entries[below(entries.length)]
  if (booking !== undefined && choice < 12) {
    const of = { eventId: booking.event, bookingId: booking.id, requestId }
    if (choice < 6) return { ...of, type: 'cancel' }
    if (choice < 8) return { ...of, type: 'confirm' }
    if (choice < 10) return { ...of, type: 'extend' }
    return { ...of, type: 'resize', seats: 1 + below(3) }
  }
  if (choice === 12 && entry !== undefined) {
    return { type: 'leave_waitlist', eventId: entry.event, entryId: entry.id, requestId }
  }
  if (choice === 13) return { type: 'sweep', eventId, requestId: null }
  if (choice === 14) {
    const changes = { totalSeats: 4 + below(8) }
    return { type: 'change_event', eventId, requestId, changes, isExpected: () => true }
  }
  return {
    ...{ type: 'reserve', eventId, requestId, userId: `user ${below(USERS)}` },
    ...{ seats: 1 + below(3), hold: below(2) === 0, waitlist: below(3) > 0 },
  }
}
