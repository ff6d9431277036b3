import type pg from 'pg'
import type { Arranged } from './arrange.ts'
import { SCHEMA_OF } from './candidates/names.ts'
import type { LoadResult } from './load/job.ts'
import type { Run } from './scenarios.ts'

interface Tally {
  bookings: number
  oversold: number
  miscounted: number
}

/**
 * What the database says against the answers of a measurement, in words; empty where all is well:
 * only the expected answers, no event oversold, every counter right, and a row for every 201. A
 * request whose answer never came may or may not have a row.
 */
export async function findFaults(
  pool: pg.Pool,
  run: Run,
  arranged: Arranged,
  results: readonly LoadResult[],
): Promise<string[]> {
  const faults = results.flatMap(({ statuses }) => unexpected(statuses, run))
  const made = run.ask === undefined || run.ask === 'reserve' ? '201' : 'none'
  const created = sum(results.map(({ statuses }) => statuses[made] ?? 0))
  const unanswered = sum(results.map((result) => result.unanswered))
  if (unanswered > 0) faults.push(`${unanswered} requests were never answered`)
  if (run.candidate === 'empty') return faults

  const { bookings, oversold, miscounted } = await tally(pool, SCHEMA_OF[run.candidate] !== 'first')
  const added = bookings - arranged.bookings
  if (oversold > 0) faults.push(`${oversold} events are oversold`)
  if (miscounted > 0) faults.push(`${miscounted} events have a wrong counter`)
  if (added < created) faults.push(`${created} answers of 201, but only ${added} bookings`)
  if (added > created + unanswered) {
    faults.push(`${added} bookings, but only ${created} answers of 201 (${unanswered} unknown)`)
  }
  return faults
}

function unexpected(
  statuses: Readonly<Record<string, number>>,
  { expectedStatus: expected, mayShed = false }: Run,
): string[] {
  return Object.entries(statuses)
    .filter(([status]) => status !== String(expected) && !(mayShed && status === '503'))
    .map(([status, count]) => `${count} answers of ${status} instead of ${expected}`)
}

async function tally(pool: pg.Pool, hasCounter: boolean): Promise<Tally> {
  const miscounted = hasCounter ? 'count(*) FILTER (WHERE e.taken <> coalesce(b.seats, 0))' : '0'
  const { rows } = await pool.query<Tally>(
    `SELECT coalesce(sum(b.seats), 0)::int AS bookings,
       (count(*) FILTER (WHERE b.seats > e.total_seats))::int AS oversold,
       (${miscounted})::int AS miscounted
     FROM events e
     LEFT JOIN (SELECT event_id, count(*) AS seats FROM bookings GROUP BY event_id) b
       ON b.event_id = e.id`,
  )
  const [row] = rows
  if (row === undefined) throw new Error('the tables told nothing')
  return row
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
