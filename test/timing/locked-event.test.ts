import t from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { createEvent, crowd } from '../helpers/race.ts'
import { shuffle } from '../helpers/random.ts'
import { lockEvent } from '../helpers/sessions.ts'
import { spread, storm, type Answer } from '../helpers/storm.ts'
import { checkWithin, quantile } from '../helpers/timing.ts'

// The promise: an event that somebody else holds locked delays the bookings of other events by no
// more than 100 ms. Its own are answered after the lock timeout.

const DELAY_MS = 100
// Much more than the delay that is let pass: who waits for the lock is seen.
const LOCK_TIMEOUT_MS = 3000

t.test('other events in the same storm are hardly delayed', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, {
    database,
    environment: { LOCK_TIMEOUT_MS: String(LOCK_TIMEOUT_MS) },
  })
  const locked = await createEvent(database.pool, 1000)
  const events = await Promise.all(
    Array.from({ length: 10 }, () => createEvent(database.pool, 1000)),
  )
  await storm(app, spread(events, 400, 'warm-up'), 40)
  const before = await storm(app, spread(events, 400, 'before'), 40)
  await lockEvent(t, database, locked)
  const attempts = shuffle([...spread(events, 400, 'during'), ...crowd(locked, 40)])
  const during = await storm(app, attempts, 80)

  const usual = quantile(durations(before), 0.95)
  const others = during.filter(({ eventId }) => eventId !== locked)
  const delays = durations(others).map((tookMs) => tookMs - usual)
  checkWithin(t, 'a booking of another event is late', DELAY_MS, delays)
  const own = during.filter(({ eventId }) => eventId === locked)
  checkWithin(t, 'a booking of the locked event is answered', LOCK_TIMEOUT_MS, durations(own))
})

function durations(answers: readonly Answer[]): number[] {
  return answers.map(({ tookMs }) => tookMs)
}
