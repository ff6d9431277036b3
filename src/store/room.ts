import { claimOf, type Claim } from '../domain/claim.ts'
import { eventIdOf, type Command } from '../domain/commands.ts'
import type { LockedEvent } from './lock-and-load.ts'
import { linesOf } from './offer.ts'
import type { BookingRow } from './rows.ts'

/** Seats that can be free at the end of a batch, at the most: of an event, and of each of its pools. */
export interface Room {
  readonly seats: number
  readonly ofPools: ReadonlyMap<string, number>
}

/**
 * How many who wait for the same can be served, at the most; none where a pool is full, or gone.
 *
 * @param seats - that each of them waits for
 */
export function servedOf({ seats: free, ofPools }: Room, seats: number, claim: Claim): number {
  const ofEach = [...claim].map(([pool, wanted]) => (ofPools.get(pool) ?? 0) / wanted)
  return Math.max(0, Math.floor(Math.min(free / seats, ...ofEach)))
}

/**
 * What commands, and bookings that end or that they name, can make free of events; by event.
 *
 * @param bookings - of which each is taken to give back all of its seats
 */
export function roomsOf(
  events: readonly LockedEvent[],
  commands: readonly Command[],
  bookings: ReadonlyMap<number, readonly BookingRow[]>,
): Map<number, Room> {
  const byEvent = new Map<number | null, Command[]>(events.map(({ id }) => [id, []]))
  for (const command of commands) byEvent.get(eventIdOf(command))?.push(command)
  return new Map(
    events.map((event) => [
      event.id,
      roomOf(event, byEvent.get(event.id) ?? [], bookings.get(event.id) ?? []),
    ]),
  )
}

function roomOf(
  event: LockedEvent,
  commands: readonly Command[],
  bookings: readonly BookingRow[],
): Room {
  const unblocked = commands.reduce(
    (sum, command) => sum + (command.type === 'unblock_seats' ? command.labels.length : 0),
    0,
  )
  const { capacity, ofPools } = capacitiesOf(event, commands)
  const freed = bookings.reduce((sum, { seats }) => sum + seats, 0)
  for (const { key, taken, blocked } of event.pools ?? []) {
    add(ofPools, key, unblocked - taken - blocked)
  }
  for (const { lines } of bookings) {
    for (const [pool, seats] of claimOf(linesOf(lines))) add(ofPools, pool, seats)
  }
  return { seats: capacity - event.taken - event.blocked + unblocked + freed, ofPools }
}

/** The most that they are, or are to be. */
function capacitiesOf(
  event: LockedEvent,
  commands: readonly Command[],
): { capacity: number; ofPools: Map<string, number> } {
  let capacity = event.total_seats
  const ofPools = new Map(event.pools?.map((pool) => [pool.key, pool.capacity]))
  for (const command of commands) {
    if (command.type !== 'change_event') continue
    capacity = Math.max(capacity, command.changes.totalSeats ?? 0)
    for (const pool of command.changes.pools ?? []) {
      ofPools.set(pool.key, Math.max(pool.capacity, ofPools.get(pool.key) ?? 0))
    }
  }
  return { capacity, ofPools }
}

function add(seats: Map<string, number>, pool: string, more: number): void {
  seats.set(pool, (seats.get(pool) ?? 0) + more)
}
