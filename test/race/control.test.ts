import t, { type Test } from 'tap'
import { createTestDatabase } from '../helpers/database.ts'
import { reservePlain, startEngine } from '../helpers/engine.ts'
import { createEvent, crowd, race, seatsOf, type Reserve } from '../helpers/race.ts'

// The negative control: the same engine, several times on one database, with what protects the
// seats taken away. Where this does not oversell, the other race tests could not see anything.

const ROUNDS = 50

/** Reserves by engines whose connections strike the row lock out of every statement. */
function reserveWithoutLocks(t: Test, url: string, engines: number): Reserve {
  const rewrite = (sql: string): string => sql.replace(/FOR UPDATE( SKIP LOCKED)?/, '')
  const all = Array.from({ length: engines }, () => startEngine(t, url, { rewrite }).reservations)
  let turn = 0
  return async (eventId, userId) => {
    const reservations = all[turn++ % all.length]
    if (reservations === undefined) throw new RangeError('there is no engine')
    return (await reservePlain(reservations, eventId, userId)) === 'booked' ? 201 : 409
  }
}

t.test('without the lock and the checks, seats are sold twice', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  await pool.query('ALTER TABLE events DROP CONSTRAINT events_taken_check')
  // Two that write the same numbers of a history collide there, as long as they may not.
  await pool.query('ALTER TABLE event_history DROP CONSTRAINT event_history_pkey')
  const reserve = reserveWithoutLocks(t, url, 4)
  let oversold = 0
  for (let round = 0; round < ROUNDS && oversold === 0; round += 1) {
    const eventId = await createEvent(pool, 50)
    const counts = await race(reserve, crowd(eventId, 500))
    const seats = await seatsOf(pool, eventId)
    t.equal(seats.rows, counts[201], 'what was promised was written')
    oversold = seats.rows - 50
  }
  t.ok(oversold > 0, `${oversold} seats too many`)
})

t.test('without the lock, but with the checks, no seat is sold twice', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const reserve = reserveWithoutLocks(t, url, 4)
  const failed = (): number => 500
  for (let round = 0; round < 5; round += 1) {
    const eventId = await createEvent(pool, 50)
    const counts = await race(
      (event, user) => reserve(event, user).catch(failed),
      crowd(eventId, 500),
    )
    const seats = await seatsOf(pool, eventId)
    t.ok(seats.rows <= 50 && seats.taken === seats.rows, `${seats.rows} of 50 seats`)
    t.equal(seats.rows, counts[201], 'what was promised was written')
  }
})
