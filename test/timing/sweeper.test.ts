import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { checkWithin } from '../helpers/timing.ts'
import { until } from '../helpers/until.ts'

const SWEEP_INTERVAL_MS = 1000

// The promise: a hold that has expired is swept, and its seat given to who waits, within the
// interval of the sweeper.
t.test('who waits gets the seat of a hold soon after it has expired', async (t) => {
  const { ask, createEvent, reserve } = await createApi(t, {
    SWEEP_INTERVAL_MS: String(SWEEP_INTERVAL_MS),
  })
  const eventId = await createEvent({ total_seats: 1, hold_seconds: 1 })
  const { body: hold } = await reserve(eventId, 'ann', { hold: true })
  await reserve(eventId, 'bob', { waitlist: true })
  const bookedAt = await until(async () => {
    const { body } = await ask('GET', `/bookings?event_id=${eventId}&user_id=bob`)
    const bookings: { created_at: string }[] = body.bookings
    return bookings[0]?.created_at
  })
  const lateMs = Date.parse(bookedAt) - Date.parse(hold.booking.expires_at)
  checkWithin(t, 'the seat is given on', SWEEP_INTERVAL_MS, [lateMs])
})
