import type pg from 'pg'
import { arrangeLists, type Lists } from './arrange/lists.ts'
import { HALL, offer } from './arrange/offers.ts'
import {
  empty,
  hold,
  joinLine,
  makeApiKey,
  settleDown,
  withoutForeignKeys,
} from './arrange/rows.ts'
import { SCHEMA_OF, type CandidateName } from './candidates/names.ts'
import { book, neededBy, prepareEvents, roomOf } from './candidates/tables.ts'
import type { Arrangement } from './scenarios.ts'

export interface Arranged {
  readonly eventIds: readonly number[]
  /** The event for the storm, where there is one. */
  readonly stormedId: number | undefined
  /** Bookings that are there, held ones among them. */
  readonly bookings: number
  /** Entries in line. */
  readonly waiting: number
  /** The first and the last id of the bookings, where there are some, the service's or the peers'. */
  readonly bookingIds?: readonly [first: number, last: number]
  readonly apiKey?: string
  /** Where the arrangement is of lists. */
  readonly lists?: Lists
}

/** What stays for the next measurement, by the database that it is in. */
const kept = new WeakMap<pg.Pool, Arranged>()

/**
 * Brings a candidate's tables to where a measurement starts: the events and bookings of the
 * arrangement and no others. Ids go on from those before, so that nobody remembers these events.
 * An arrangement that is kept is made once, and gathers what is booked on it.
 */
export async function arrange(
  pool: pg.Pool,
  candidate: CandidateName,
  arrangement: Arrangement,
): Promise<Arranged> {
  const before = kept.get(pool)
  if (before !== undefined) return arrangeAgain(pool, before)
  const arranged = await arrangeAnew(pool, candidate, neededBy(candidate, arrangement))
  if (arrangement.isKept === true) kept.set(pool, arranged)
  return arranged
}

async function arrangeAgain(pool: pg.Pool, before: Arranged): Promise<Arranged> {
  if (before.lists !== undefined) return before
  await settleDown(pool)
  const { rows } = await pool.query<{ bookings: number }>(
    'SELECT count(*)::int AS bookings FROM bookings',
  )
  return { ...before, bookings: rows[0]?.bookings ?? 0 }
}

async function arrangeAnew(
  pool: pg.Pool,
  candidate: CandidateName,
  { listsTimes, ...arrangement }: Arrangement,
): Promise<Arranged> {
  await empty(pool)
  const arranged =
    listsTimes === undefined
      ? await arrangeEvents(pool, candidate, arrangement)
      : await arrangeLists(pool, listsTimes)
  await settleDown(pool)
  return arranged
}

async function arrangeEvents(
  pool: pg.Pool,
  candidate: CandidateName,
  arrangement: Arrangement,
): Promise<Arranged> {
  const { events, others = 0, booked = 0, held = 0, waiting = 0 } = arrangement
  const { soldOut = false, stormed = false, isKept = false, hasApiKey = false } = arrangement
  const room = arrangement.offer === 'hall' ? HALL.count : roomOf(candidate, events)
  const seats = soldOut ? booked + held : room
  const { rows } = await pool.query<{ id: number }>(
    `INSERT INTO events (name, total_seats)
     SELECT 'Event ' || n, CASE n WHEN 1 THEN $2::int ELSE $3::int END
     FROM generate_series(1, $1::int) AS n RETURNING id`,
    [events + others + (stormed ? 1 : 0), seats, room],
  )
  const ids = rows.map(({ id }) => id)
  const eventIds = ids.slice(0, events)
  const [first = 0] = ids
  await prepareEvents(pool, candidate, ids, soldOut ? seats : room)
  if (arrangement.offer !== undefined && SCHEMA_OF[candidate] === 'migrated') {
    await offer(pool, eventIds, arrangement.offer)
  }
  const write = () => book(pool, candidate, first, booked)
  if (isKept) await withoutForeignKeys(pool, write)
  else if (booked > 0) await write()
  if (held > 0) await hold(pool, eventIds, held)
  if (waiting > 0) await joinLine(pool, first, waiting)
  const bookings = booked + held
  const stormedId = stormed ? ids.at(-1) : undefined
  const keyed = hasApiKey ? { apiKey: await makeApiKey(pool) } : {}
  const arranged = { eventIds, stormedId, bookings, waiting, ...keyed }
  return bookings === 0 ? arranged : { ...arranged, bookingIds: await idsOfBookings(pool) }
}

async function idsOfBookings(pool: pg.Pool): Promise<[first: number, last: number]> {
  const { rows } = await pool.query<{ first: number; last: number }>(
    'SELECT min(id)::int AS first, max(id)::int AS last FROM bookings',
  )
  return [rows[0]?.first ?? 0, rows[0]?.last ?? 0]
}
