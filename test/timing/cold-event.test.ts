import t from 'tap'
import { createTestDatabase } from '../helpers/database.ts'
import { reservePlain, startEngine } from '../helpers/engine.ts'
import { createEvent, crowd, seatsOf } from '../helpers/race.ts'
import { quantile, repeatDuring } from '../helpers/timing.ts'

const STORM = 2000

// The promise: bookings of a cold event keep their speed while another event is stormed: they do
// not queue behind the storm. How fast they are, the benchmark measures.
t.test('a cold event while another is stormed', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { reservations } = startEngine(t, url, {
    environment: { MAX_BATCH_SIZE: '20' },
  })
  const book = async (eventId: number, userId: string): Promise<void> => {
    const ok = (await reservePlain(reservations, eventId, userId)) === 'booked'
    if (!ok) throw new Error('there are seats enough')
  }
  const hot = await createEvent(pool, STORM)
  const cold = await Promise.all(Array.from({ length: 10 }, () => createEvent(pool, 1000)))

  const startedAt = performance.now()
  const waitedMs: number[] = []
  const storming = Promise.all(
    crowd(hot, STORM).map(async ({ userId }) => {
      await book(hot, userId)
      waitedMs.push(performance.now() - startedAt)
    }),
  )
  const coldMs = await repeatDuring(storming, (n) => book(cold[n % cold.length] ?? 0, `user ${n}`))
  await storming
  const usualMs = quantile(waitedMs, 0.5)
  const p95 = quantile(coldMs, 0.95)
  t.comment(`half of the ${STORM} in the storm waited ${Math.round(usualMs)} ms and more`)
  t.ok(coldMs.length > 1, `${coldMs.length} cold bookings during the storm`)
  // Behind the storm, each of them would wait as long as those in it.
  t.ok(p95 < usualMs / 2, `95 of 100 took ${Math.round(p95)} ms at the most`)
  t.same(await seatsOf(pool, hot), { rows: STORM, users: STORM, taken: STORM })
})
