import type pg from 'pg'
import type { AskedLine } from '../../src/domain/commands/bookings.ts'
import type { SeatingDocument } from '../../src/domain/seating/document.ts'
import { seatingOf } from '../domain/seating/halls.ts'
import { setSeating } from '../helpers/commands.ts'
import { createEvent, type Attempt } from '../helpers/race.ts'
import type { Execute } from './executors.ts'

/** One row of so many seats, but for those of these numbers. */
export function rowOf(count: number, ...without: number[]): SeatingDocument {
  const numbers = Array.from({ length: count }, (_, i) => i + 1)
  const seats = numbers.filter((each) => !without.includes(each)).map(String)
  return { sections: [{ key: 'A', pool: null, rows: [{ key: '1', seats }] }] }
}

/** An event with room for all: only the seats that are named can be had by one alone. */
export async function createNumbered(
  pool: pg.Pool,
  execute: Execute,
  seats: number,
): Promise<number> {
  const id = await createEvent(pool, 10_000, { maxSeatsPerBooking: 4 })
  await execute(setSeating(id, seatingOf(rowOf(seats)), 'before'))
  return id
}

/** Of each seat how many bookings have it by their lines, and how many rows the table of seats has of it. */
export async function holdersOf(
  pool: pg.Pool,
  id: number,
): Promise<Record<string, [number, number]>> {
  const { rows } = await pool.query<{ label: string; lines: number; seats: number }>(
    `SELECT s.label, count(DISTINCT b.id)::int AS lines, (
       SELECT count(*)::int FROM taken_seats AS t
       WHERE t.event_id = $1 AND t.label = s.label) AS seats
     FROM bookings AS b
     CROSS JOIN LATERAL jsonb_to_recordset(b.lines) AS l(labels text[])
     CROSS JOIN LATERAL unnest(l.labels) AS s(label)
     WHERE b.event_id = $1 GROUP BY s.label`,
    [id],
  )
  return Object.fromEntries(rows.map(({ label, lines, seats }) => [label, [lines, seats]]))
}

export function named(...labels: string[]): AskedLine {
  return { ticketType: 'default', seats: labels.length, labels }
}

/** Asks for a line; gives `booked`, or why not. */
export type ReserveLine = (eventId: number, userId: string, line: AskedLine) => Promise<string>

export type LineOf = (client: number) => AskedLine

/** All ask at once, each for a line of its own; gives how many came to what. */
export async function raceFor(
  reserve: ReserveLine,
  clients: readonly Attempt[],
  lineOf: LineOf,
): Promise<Record<string, number>> {
  const results = await Promise.all(
    clients.map(({ eventId, userId }, client) => reserve(eventId, userId, lineOf(client))),
  )
  const counts: Record<string, number> = {}
  for (const result of results) counts[result] = (counts[result] ?? 0) + 1
  return counts
}
