import type pg from 'pg'
import fc from 'fast-check'
import t from 'tap'
import type { Line } from '../../src/domain/model.ts'
import { eventsToSettle, FIRST_ROUND } from '../../src/store/gathered.ts'
import { rowsOfLines } from '../../src/store/offer.ts'
import { ModelPools, partyOf, type Party } from '../domain/pools-model.ts'
import { capacitiesOf } from '../domain/pools-world.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { seedFor } from '../helpers/random.ts'

// The sweeper asks in SQL what the rules say: whether somebody in line can be served.

const POOLS = ['a', 'b', 'c']
const line: fc.Arbitrary<Line> = fc.record({
  ticketType: fc.constantFrom('adult', 'vip'),
  seats: fc.constantFrom(1, 1, 2),
  pools: fc.subarray(POOLS),
})
const parties = (maxLength: number) =>
  fc.array(fc.oneof(fc.constant(null), fc.array(line, { minLength: 1, maxLength: 2 })), {
    maxLength,
    size: 'max',
  })
const events = fc.record({
  freeSeats: fc.nat({ max: 3 }),
  // Of the last pool nothing may be left in the table: whoever waits for it has no room.
  pools: fc.integer({ min: 1, max: POOLS.length }).map((count) => POOLS.slice(0, count)),
  free: fc.array(fc.nat({ max: 2 }), { minLength: POOLS.length, maxLength: POOLS.length }),
  booked: parties(3),
  line: parties(8),
})
type Given = typeof events extends fc.Arbitrary<infer T> ? T : never

const seatsOf = (lines: readonly Line[] | null): number =>
  lines?.reduce((sum, { seats }) => sum + seats, 0) ?? 1

/** The event as the model has it: as full as its bookings, and what is said to be free beside. */
function modelOf({ freeSeats, pools, free, booked, line: waiting }: Given): ModelPools {
  const has = (lines: readonly Line[] | null): boolean =>
    (lines ?? []).every((each) => each.pools.every((pool) => pools.includes(pool)))
  const party = (lines: readonly Line[] | null, userId: string): Party =>
    partyOf({ userId, seats: seatsOf(lines), lines })
  const bookings = booked.filter(has).map((lines, i) => party(lines, `h${i}`))
  const takenOf = (pool: string): number =>
    bookings.reduce((sum, { takes }) => sum + (takes[pool] ?? 0), 0)
  const capacities = pools.map((key, i) => ({ key, capacity: takenOf(key) + (free[i] ?? 0) }))
  const totalSeats = takenOf('all') + freeSeats
  const model = new ModelPools(capacitiesOf({ totalSeats, pools: capacities }))
  model.bookings = bookings
  model.line = waiting.map((lines, i) => party(lines, `w${i}`))
  return model
}

/** Brings it into the tables, by SQL; its id. */
async function insert(pool: pg.Pool, given: Given): Promise<number> {
  const { capacities, bookings } = modelOf(given)
  const { rows } = await pool.query<{ id: number }>(
    `INSERT INTO events (name, total_seats) VALUES ('Event', $1) RETURNING id`,
    [capacities['all']],
  )
  const id = rows[0]?.id ?? 0
  await pool.query(
    `INSERT INTO event_pools (event_id, key, place, capacity)
     SELECT $1, key, 0, value::int FROM jsonb_each_text($2) WHERE key <> 'all'`,
    [id, JSON.stringify(capacities)],
  )
  const has = ({ pools }: Line): boolean => pools.every((key) => key in capacities)
  const booked = given.booked.filter((lines) => (lines ?? []).every(has))
  const rowsOf = (all: Given['line']) =>
    JSON.stringify(all.map((lines) => ({ seats: seatsOf(lines), lines: rowsOfLines(lines) })))
  const from = `SELECT $1, $2 || place, seats, NULLIF(lines, 'null')
    FROM ROWS FROM (jsonb_to_recordset($3) AS (seats int, lines jsonb))
      WITH ORDINALITY AS l(seats, lines, place) ORDER BY place`
  await pool.query(`INSERT INTO bookings (event_id, user_id, seats, lines) ${from}`, [
    ...[id, 'h', rowsOf(booked)],
  ])
  await pool.query(`INSERT INTO waitlist_entries (event_id, user_id, seats, lines) ${from}`, [
    ...[id, 'w', rowsOf(given.line)],
  ])
  t.equal(bookings.length, booked.length)
  return id
}

t.test('the sweeper finds the events at which somebody in line can be served', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { prisma } = startEngine(t, url)
  const all = fc.sample(events, { numRuns: 400, seed: seedFor(t) })
  const expected: number[] = []
  for (const given of all) {
    const id = await insert(pool, given)
    if (modelOf(given).next() !== undefined) expected.push(id)
  }
  t.ok(expected.length > 20 && expected.length < all.length - 20, `${expected.length} can`)
  const found = await eventsToSettle(prisma, FIRST_ROUND)
  t.strictSame(
    found.events.map(({ id }) => id).sort((a, b) => a - b),
    expected,
  )
})
