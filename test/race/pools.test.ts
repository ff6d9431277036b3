import type pg from 'pg'
import t, { type Test } from 'tap'
import { PATIENT } from '../helpers/app.ts'
import { plainReserve } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { kindOf } from '../helpers/outcomes.ts'
import { createEvent, crowd, race, type Reserve } from '../helpers/race.ts'
import { startService } from '../helpers/service.ts'

// A pool that several ticket types share, wanted by many at once.

const CLIENTS = 200
const ROUNDS = 50

/** An event with room for all, but for a pool of so many seats which both of its types take from. */
async function createShared(pool: pg.Pool, capacity: number): Promise<number> {
  const id = await createEvent(pool, 10 * CLIENTS, { maxSeatsPerBooking: 2 })
  await pool.query('INSERT INTO event_pools (event_id, key, capacity) VALUES ($1, $2, $3)', [
    ...[id, 'shared', capacity],
  ])
  const types = ['adult', 'child'].map((key) => ({
    ...{ key, name: key, pools: ['shared'], max_per_booking: null },
    ...{ sales_start_at: null, sales_end_at: null },
  }))
  await pool.query('UPDATE events SET ticket_types = $2 WHERE id = $1', [id, JSON.stringify(types)])
  return id
}

/** What the pool's counter says, and what the lines of the bookings say. */
async function takenOf(pool: pg.Pool, id: number): Promise<{ taken: number; lines: number }> {
  const { rows } = await pool.query<{ taken: number; lines: number }>(
    `SELECT taken, (
       SELECT COALESCE(sum(l.seats), 0)::int FROM bookings AS b
       CROSS JOIN LATERAL jsonb_to_recordset(b.lines) AS l(seats int, pools text[])
       WHERE b.event_id = p.event_id AND p.key = ANY (l.pools)) AS lines
     FROM event_pools AS p WHERE event_id = $1`,
    [id],
  )
  return rows[0] ?? { taken: 0, lines: 0 }
}

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

/** Reserves lines by engines whose connections strike the row lock out of every statement. */
function reserveWithoutLocks(t: Test, url: string): Reserve {
  const rewrite = (sql: string): string => sql.replace(/FOR UPDATE( SKIP LOCKED)?/, '')
  const engines = Array.from({ length: 4 }, () => startEngine(t, url, { rewrite }).reservations)
  let turn = 0
  return async (eventId, userId) => {
    const reservations = engines[turn % engines.length]
    const lines = Object.entries(inTurn(Math.floor(turn++ / engines.length)))
    const asked = lines.map(([ticketType, seats]) => ({ ticketType, seats }))
    const command = plainReserve(eventId, userId, { seats: 1, lines: asked })
    if (reservations === undefined) throw new RangeError('there is no engine')
    return kindOf(await reservations.execute(command)) === 'booking' ? 201 : 409
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
