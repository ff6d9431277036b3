import type pg from 'pg'
import type { Arranged } from './arrange.ts'
import { makesThingsUp, SCHEMA_OF, type CandidateName } from './candidates/names.ts'
import { hasCounter } from './candidates/tables.ts'
import type { LoadResult } from './load/job.ts'
import type { Run } from './scenarios.ts'
import { sum } from './statistics.ts'
import { faultsOfKeys, faultsOfLine, faultsOfOffer, faultsOfService } from './verify/service.ts'
import { mustBe, type Count } from './verify/count.ts'

interface Tally {
  bookings: number
  oversold: number
  miscounted: number
}

/**
 * What the database says against the answers of a measurement, in words; empty where all is well:
 * only the expected answers, no event oversold, every counter right, and for every good answer what
 * it says. A request whose answer never came may or may not have taken effect.
 */
export async function findFaults(
  pool: pg.Pool,
  run: Run,
  arranged: Arranged,
  results: readonly LoadResult[],
): Promise<string[]> {
  const faults = results.flatMap((result) => [
    ...unexpected(result.statuses, run),
    ...emptyPages(result),
  ])
  const unanswered = sum(results.map((result) => result.unanswered))
  if (unanswered > 0) faults.push(`${unanswered} requests were never answered`)
  // Whoever reads pages changes nothing; to count their rows would take longer than to read them.
  if (makesThingsUp(run.candidate) || run.ask === 'page') return faults

  const count: Count = {
    of: (status) => sum(results.map(({ statuses }) => statuses[status] ?? 0)),
    unanswered,
  }
  faults.push(...(await faultsOfBookings(pool, run, arranged, count)))
  if (SCHEMA_OF[run.candidate] !== 'migrated') return faults
  faults.push(...(await faultsOfService(pool, run, arranged, count)))
  if (run.ask === 'keyed') faults.push(...(await faultsOfKeys(pool, count)))
  if (run.arrangement.offer !== undefined) faults.push(...(await faultsOfOffer(pool)))
  if (run.ask === 'cancel') faults.push(...(await faultsOfLine(pool, arranged, count)))
  return faults
}

/** Whoever cancels has somebody else promoted: as many are booked as before. */
async function faultsOfBookings(
  pool: pg.Pool,
  { candidate, ask }: Run,
  arranged: Arranged,
  count: Count,
): Promise<string[]> {
  const { bookings, oversold, miscounted } = await tally(pool, candidate)
  const faults = mustBe('bookings made', bookings - arranged.bookings, count, count.of(201))
  if (oversold > 0) faults.push(`${oversold} events are oversold`)
  if (miscounted > 0) faults.push(`${miscounted} events have a wrong counter`)
  return ask === 'cancel' && bookings !== arranged.bookings
    ? [...faults, `${bookings} are booked, and there were ${arranged.bookings}`]
    : faults
}

function unexpected(
  statuses: Readonly<Record<string, number>>,
  { expectedStatuses, mayShed = false }: Run,
): string[] {
  const expected = expectedStatuses.map(String)
  return Object.entries(statuses)
    .filter(([status]) => !expected.includes(status) && !(mayShed && status === '503'))
    .map(([status, count]) => `${count} answers of ${status} instead of ${expected.join(' or ')}`)
}

/** One that says to go on may be empty: see docs/adr/0011-lists-by-index.md. */
function emptyPages({ pages = [] }: LoadResult): string[] {
  return pages
    .filter(({ rows, isLast }) => rows === 0 && isLast)
    .map(({ path }) => `${path}: an empty page`)
}

async function tally(pool: pg.Pool, candidate: CandidateName): Promise<Tally> {
  const seats = SCHEMA_OF[candidate] === 'migrated' ? 'sum(seats)' : 'count(*)'
  const miscounted = hasCounter(candidate)
    ? 'count(*) FILTER (WHERE e.taken <> coalesce(b.seats, 0))'
    : '0'
  const { rows } = await pool.query<Tally>(
    `SELECT coalesce(sum(b.bookings), 0)::int AS bookings,
       (count(*) FILTER (WHERE b.seats > e.total_seats))::int AS oversold,
       (${miscounted})::int AS miscounted
     FROM events e
     LEFT JOIN (SELECT event_id, count(*) AS bookings, ${seats} AS seats FROM bookings GROUP BY event_id) b
       ON b.event_id = e.id`,
  )
  const [row] = rows
  if (row === undefined) throw new Error('the tables told nothing')
  return row
}
