import t, { type Test } from 'tap'
import { PATIENT } from '../helpers/app.ts'
import { plainReserve } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { kindOf } from '../helpers/outcomes.ts'
import { crowd, race, type Reserve } from '../helpers/race.ts'
import { startService } from '../helpers/service.ts'
import { executeWithoutLocks } from './executors.ts'
import { createShared, takenOf } from './shared-pool.ts'

// A pool that several ticket types share, wanted by many at once.

const CLIENTS = 200
const ROUNDS = 50

type LinesOf = (turn: number) => Record<string, number>

const inTurn: LinesOf = (turn) => (turn % 2 === 0 ? { adult: 1 } : { child: 1 })
const both: LinesOf = () => ({ adult: 1, child: 1 })

/** Reserves lines over HTTP, by turns at each of the services. */
function reserveLinesOver(baseUrls: readonly string[], linesOf: LinesOf): Reserve {
  let turn = 0
  return async (eventId, userId) => {
    const lines = Object.entries(linesOf(Math.floor(turn / baseUrls.length)))
    const response = await fetch(`${baseUrls[turn++ % baseUrls.length]}/api/bookings/reserve`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        event_id: eventId,
        user_id: userId,
        lines: lines.map(([ticketType, seats]) => ({ ticket_type: ticketType, seats })),
      }),
    })
    await response.arrayBuffer()
    return response.status
  }
}

t.test('two processes on one database', async (t) => {
  const database = await createTestDatabase(t)
  const services = await Promise.all([1, 2].map(() => startService(t, database.url, PATIENT)))
  const urls = services.map(({ baseUrl }) => baseUrl)

  await t.test('the last seat of a pool is one of either type, and one only', async (t) => {
    for (let round = 0; round < 5; round += 1) {
      const id = await createShared(database.pool, 1)
      const counts = await race(reserveLinesOver(urls, inTurn), crowd(id, CLIENTS))
      t.strictSame(counts, { 201: 1, 409: CLIENTS - 1 })
      t.strictSame(await takenOf(database.pool, id), { taken: 1, lines: 1 })
    }
  })

  await t.test('of two lines for one pool both are had, or neither', async (t) => {
    for (let round = 0; round < 5; round += 1) {
      const id = await createShared(database.pool, 3)
      const counts = await race(reserveLinesOver(urls, both), crowd(id, CLIENTS))
      t.strictSame(counts, { 201: 1, 409: CLIENTS - 1 })
      t.strictSame(await takenOf(database.pool, id), { taken: 2, lines: 2 })
    }
  })
})

function reserveWithoutLocks(t: Test, url: string): Reserve {
  const execute = executeWithoutLocks(t, url)
  let turn = 0
  return async (eventId, userId) => {
    const lines = Object.entries(inTurn(Math.floor(turn++ / 4)))
    const asked = lines.map(([ticketType, seats]) => ({ ticketType, seats }))
    const command = plainReserve(eventId, userId, { seats: 1, lines: asked })
    return kindOf(await execute(command)) === 'booking' ? 201 : 409
  }
}

t.test('the control: without the lock and the checks, the seat is sold twice', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  await pool.query('ALTER TABLE event_pools DROP CONSTRAINT event_pools_taken_check')
  // Two that write the same numbers of a history collide there, as long as they may not.
  await pool.query('ALTER TABLE event_history DROP CONSTRAINT event_history_pkey')
  const reserve = reserveWithoutLocks(t, url)
  let oversold = 0
  for (let round = 0; round < ROUNDS && oversold === 0; round += 1) {
    const id = await createShared(pool, 1)
    const counts = await race(reserve, crowd(id, CLIENTS))
    const { taken, lines } = await takenOf(pool, id)
    t.strictSame([taken, lines], [counts[201], counts[201]], 'what was promised was written')
    oversold = taken - 1
  }
  t.ok(oversold > 0, `${oversold} seats too many`)
})

t.test('without the lock, but with the checks, the seat is sold once', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const reserve = reserveWithoutLocks(t, url)
  for (let round = 0; round < 5; round += 1) {
    const id = await createShared(pool, 1)
    const counts = await race(
      (event, user) => reserve(event, user).catch(() => 500),
      crowd(id, CLIENTS),
    )
    t.strictSame(await takenOf(pool, id), { taken: 1, lines: 1 })
    t.equal(counts[201], 1)
  }
})

/** Two lines for one pool, by SQL that looks for room for each of them, and not for both. */
const LINE_BY_LINE = `
  WITH asked AS (
    SELECT jsonb_agg(jsonb_build_object('ticket_type', key, 'seats', 1, 'pools', '["shared"]'::jsonb))
      AS lines FROM unnest(ARRAY['adult', 'child']) AS key)
  INSERT INTO bookings (event_id, user_id, seats, lines)
  SELECT $1, $2, 2, lines FROM asked WHERE NOT EXISTS (
    SELECT FROM jsonb_to_recordset(lines) AS l(seats int, pools text[])
    JOIN event_pools AS p ON p.event_id = $1 AND p.key = ANY (l.pools)
    WHERE l.seats > p.capacity - p.taken)`

t.test(
  'the control: of two lines that are looked at one by one, one is had too many',
  async (t) => {
    const { pool } = await createTestDatabase(t)
    const book = async (id: number, user: string): Promise<boolean> =>
      (await pool.query(LINE_BY_LINE, [id, user])).rowCount === 1
    const checked = await createShared(pool, 3)
    t.ok(await book(checked, 'ann'))
    await t.rejects(book(checked, 'bob'), /event_pools_taken_check/)
    t.strictSame(await takenOf(pool, checked), { taken: 2, lines: 2 }, 'with the check it is not')

    await pool.query('ALTER TABLE event_pools DROP CONSTRAINT event_pools_taken_check')
    const id = await createShared(pool, 3)
    t.ok((await book(id, 'ann')) && (await book(id, 'bob')))
    t.strictSame(await takenOf(pool, id), { taken: 4, lines: 4 }, 'of three')
  },
)
