import t from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { createEvent, crowd, seatsOf } from '../helpers/race.ts'
import { shuffle } from '../helpers/random.ts'
import { killService } from '../helpers/sessions.ts'
import { checkPromises, count, settle, storm } from '../helpers/storm.ts'

const EVENTS = 5
const SEATS = 100
const USERS = 150
const KILL_EVERY = 25

// The promise: an operator (or a failover) that ends the service's sessions at any moment costs
// some 503, never a booking that was promised, and the lanes live on.
t.test('sessions are killed again and again during a storm', async (t) => {
  const database = await createTestDatabase(t)
  const environment = { MAX_BATCH_SIZE: '20', SWEEP_INTERVAL_MS: '100' }
  const app = await createTestApp(t, { database, environment })
  const events = await Promise.all(
    Array.from({ length: EVENTS }, () => createEvent(database.pool, SEATS)),
  )
  let killed = 0
  let clients = 0
  const attempts = shuffle(events.flatMap((eventId) => crowd(eventId, USERS)))
  const answers = await storm(app, attempts, 100, async (answered) => {
    if (answered % KILL_EVERY !== 0) return
    clients += 1
    killed += await killService(database.pool)
  })
  t.equal(clients, (EVENTS * USERS) / KILL_EVERY)
  t.ok(killed >= clients / 2, `${killed} sessions were killed`)
  t.comment(`answers during the storm: ${JSON.stringify(count(answers))}`)
  await checkPromises(t, database.pool, answers)

  const settled = await settle(app, answers)
  await checkPromises(t, database.pool, [...answers, ...settled])
  for (const eventId of events) {
    t.same(await seatsOf(database.pool, eventId), { rows: SEATS, users: SEATS, taken: SEATS })
  }
})
