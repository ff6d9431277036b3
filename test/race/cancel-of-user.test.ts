import t, { type Test } from 'tap'
import type { Reservations } from '../../src/engine/engine.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { cancel, cancelOfUser, plainReserve } from '../helpers/commands.ts'
import { startEngine } from '../helpers/engine.ts'
import { bookingOf, kindOf } from '../helpers/outcomes.ts'
import { createEvent, seatsOf } from '../helpers/race.ts'
import { lockEvent, untilBlocked } from '../helpers/sessions.ts'

// The promise: what is cancelled is what the user has when it is decided. However a user's reservations
// and cancellations cross, each booking that was answered is there, or was cancelled by one answer.

const ENGINES = 3
const ROUNDS = 10
const TIMES = 12

interface Crossed {
  readonly booked: number
  readonly cancelled: number
  readonly failed: number
  /** Bookings that are left. */
  readonly rows: number
}

/** Has one user reserve and cancel at once, by several engines; `rewrite` changes their statements. */
function createCrossing(
  t: Test,
  { url, pool }: TestDatabase,
  rewrite?: (sql: string) => string,
): () => Promise<Crossed> {
  const options = rewrite === undefined ? {} : { rewrite }
  const engines = Array.from({ length: ENGINES }, () => startEngine(t, url, options).reservations)
  return async () => {
    const eventId = await createEvent(pool, 50)
    const commands = Array.from({ length: TIMES }, () => [
      plainReserve(eventId, 'ann', { seats: 1 }),
      cancelOfUser(eventId, 'ann'),
    ]).flat()
    // Each engine has one at a time: what one of its batches makes and ends would meet nobody else's.
    const told: string[] = []
    const run = async (engine: Reservations): Promise<void> => {
      for (const command of commands) {
        told.push(await engine.execute(command).then(kindOf, () => 'failed'))
      }
    }
    await Promise.all(engines.map(run))
    const count = (kind: string): number => told.filter((each) => each === kind).length
    const { rows } = await seatsOf(pool, eventId)
    return { booked: count('booking'), cancelled: count('done'), failed: count('failed'), rows }
  }
}

function isRight({ booked, cancelled, failed, rows }: Crossed): boolean {
  return failed === 0 && booked - cancelled === rows && rows <= 1
}

t.test('a user who reserves and cancels at once: no outcome is wrong, none is lost', async (t) => {
  const cross = createCrossing(t, await createTestDatabase(t))
  let cancelled = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const crossed = await cross()
    t.ok(isRight(crossed), JSON.stringify(crossed))
    cancelled += crossed.cancelled
  }
  t.ok(cancelled > ROUNDS, `${cancelled} were cancelled`)
})

t.test('the control: without the lock some outcome is wrong', async (t) => {
  const database = await createTestDatabase(t)
  await database.pool.query('ALTER TABLE event_history DROP CONSTRAINT event_history_pkey')
  const rewrite = (sql: string): string => sql.replace(/FOR UPDATE( SKIP LOCKED)?/, '')
  const cross = createCrossing(t, database, rewrite)
  let wrong: Crossed | undefined
  for (let round = 0; round < ROUNDS && wrong === undefined; round += 1) {
    const crossed = await cross()
    if (!isRight(crossed)) wrong = crossed
  }
  t.ok(wrong, JSON.stringify(wrong))
})

t.test('another booking of the user by then is the one that is cancelled', async (t) => {
  const database = await createTestDatabase(t)
  const { reservations } = startEngine(t, database.url)
  const eventId = await createEvent(database.pool, 5)
  const before = bookingOf(await reservations.execute(plainReserve(eventId, 'ann')))

  const holder = await lockEvent(t, database, eventId)
  const told = [cancel(eventId, before.id), cancelOfUser(eventId, 'ann')].map((command) =>
    reservations.execute(command).then(kindOf),
  )
  await untilBlocked(database.pool, holder)
  await holder.query('DELETE FROM bookings WHERE id = $1', [before.id])
  await holder.query('INSERT INTO bookings (event_id, user_id) VALUES ($1, $2)', [eventId, 'ann'])
  await holder.query('COMMIT')

  t.same(await Promise.all(told), ['booking_not_found', 'done'], 'the control is named by its id')
  t.same(await seatsOf(database.pool, eventId), { rows: 0, users: 0, taken: 0 })
})
