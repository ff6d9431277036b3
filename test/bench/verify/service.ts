import type pg from 'pg'
import { DIFFERENCES } from '../../helpers/waitlist-blocks.ts'
import type { Arranged } from '../arrange.ts'
import type { Run } from '../scenarios.ts'
import { mustBe, type Count } from './count.ts'

interface ServiceTally {
  held: number
  waiting: number
  miscounted: number
  twice: number
}

/** What only the service has: holds, lines, and their counters. */
export async function faultsOfService(
  pool: pg.Pool,
  { ask, arrangement }: Run,
  arranged: Arranged,
  count: Count,
): Promise<string[]> {
  const { held, waiting, miscounted, twice } = await tally(pool)
  const faults = mustBe(
    'entries made',
    waiting - arranged.waiting + left(ask, count),
    count,
    count.of(202),
  )
  if (ask === 'hold') {
    faults.push(...mustBe('holds made', held - (arrangement.held ?? 0), count, count.of(201)))
  }
  if (miscounted > 0)
    faults.push(`${miscounted} events have wrong counters of holds or of the line`)
  const { rowCount } = await pool.query(DIFFERENCES)
  if (rowCount !== 0) faults.push(`${rowCount} blocks of lines have wrong counters`)
  if (twice > 0) faults.push(`${twice} users are booked and in line for the same event`)
  return faults
}

/** Every booking that was cancelled took an entry out of the line. */
function left(ask: Run['ask'], count: Count): number {
  return ask === 'cancel' ? count.of(204) : 0
}

/** Every booking under a key has left that key. */
export async function faultsOfKeys(pool: pg.Pool, count: Count): Promise<string[]> {
  const { keys } = await one<{ keys: number }>(
    pool,
    'SELECT count(*)::int AS keys FROM idempotency_keys',
  )
  return mustBe('keys', keys, count, count.of(201))
}

/**
 * Those in line are called `line-1`, `line-2` …: the first so many of them are booked, in that order,
 * and those behind still wait.
 */
export async function faultsOfLine(
  pool: pg.Pool,
  { waiting }: Arranged,
  count: Count,
): Promise<string[]> {
  const { promoted, outOfOrder, nextInLine } = await one<{
    promoted: number
    outOfOrder: number
    nextInLine: number
  }>(
    pool,
    `SELECT count(*)::int AS promoted, (count(*) FILTER (WHERE place <> turn))::int AS "outOfOrder",
       (SELECT coalesce(min(substr(user_id, length('line-') + 1)::int), $1::int + 1)
        FROM waitlist_entries) AS "nextInLine"
     FROM (
       SELECT substr(user_id, length('line-') + 1)::int AS place, row_number() OVER (ORDER BY id) AS turn
       FROM bookings WHERE user_id LIKE 'line-%') AS served`,
    [waiting],
  )
  const faults = mustBe('promoted', promoted, count, count.of(204))
  if (outOfOrder > 0) faults.push(`${outOfOrder} were promoted before or after their turn`)
  if (nextInLine !== promoted + 1) faults.push(`${promoted} were promoted; ${nextInLine} is next`)
  return faults
}

/** Pools count what the lines of bookings take, and a seat with a label is its booking's. */
export async function faultsOfOffer(pool: pg.Pool): Promise<string[]> {
  const { pools, labels } = await one<{ pools: number; labels: number }>(
    pool,
    `WITH lines AS (
       SELECT b.id, b.event_id, l.* FROM bookings b CROSS JOIN LATERAL
         jsonb_to_recordset(b.lines) AS l (seats int, pools text[], labels text[]))
     SELECT (SELECT count(*) FROM event_pools p WHERE p.taken <> (
         SELECT coalesce(sum(seats), 0) FROM lines l
         WHERE l.event_id = p.event_id AND p.key = ANY (l.pools)))::int AS pools,
       (SELECT count(*) FROM (
         SELECT id, event_id, unnest(labels) AS label FROM lines) AS named
         FULL JOIN taken_seats t USING (event_id, label)
         WHERE t.booking_id IS DISTINCT FROM named.id)::int AS labels`,
  )
  const faults = pools > 0 ? [`${pools} pools have wrong counters`] : []
  return labels > 0 ? [...faults, `${labels} numbered seats are not their bookings'`] : faults
}

function tally(pool: pg.Pool): Promise<ServiceTally> {
  return one(
    pool,
    `SELECT coalesce(sum(b.held), 0)::int AS held, coalesce(sum(w.entries), 0)::int AS waiting,
       (count(*) FILTER (WHERE e.held <> coalesce(b.held, 0) OR e.waiting <> coalesce(w.entries, 0)))::int
         AS miscounted,
       (SELECT count(*) FROM waitlist_entries JOIN bookings USING (event_id, user_id))::int AS twice
     FROM events e
     LEFT JOIN (SELECT event_id, sum(seats) AS held FROM bookings
       WHERE status = 'held' GROUP BY event_id) AS b ON b.event_id = e.id
     LEFT JOIN (SELECT event_id, count(*) AS entries FROM waitlist_entries
       GROUP BY event_id) AS w ON w.event_id = e.id`,
  )
}

async function one<Row extends object>(
  pool: pg.Pool,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Row> {
  const { rows } = await pool.query<Row>(sql, [...values])
  const [row] = rows
  if (row === undefined) throw new Error('the tables told nothing')
  return row
}
