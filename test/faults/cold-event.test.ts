import t from 'tap'
import { createTestDatabase } from '../helpers/database.ts'
import { reservePlain } from '../helpers/engine.ts'
import { startEngine } from '../helpers/fault-engine.ts'
import { createEvent, crowd, seatsOf } from '../helpers/race.ts'
import { quantile } from '../helpers/storm.ts'

const STORM = 2000

// The promise: bookings of a cold event keep their speed while another event is stormed: they do
// not queue behind the storm. How fast they are, the benchmark measures; the bounds here are
// generous.
t.test('a cold event while another is stormed', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { reservations } = startEngine(t, url, {
    MAX_BATCH_SIZE: '20',
    // The storm may last, on a machine with much else to do.
    COMMAND_TIMEOUT_MS: '60000',
  })
  const book = async (eventId: number, userId: string): Promise<number> => {
    const startedAt = performance.now()
    const ok = (await reservePlain(reservations, eventId, userId)) === 'booked'
    if (!ok) throw new Error('there are seats enough')
    return performance.now() - startedAt
  }
  const hot = await createEvent(pool, STORM)
  const cold = await Promise.all(Array.from({ length: 10 }, () => createEvent(pool, 1000)))

  const storm = { isOver: false }
  const storming = Promise.all(crowd(hot, STORM).map(({ userId }) => book(hot, userId)))
  const stormed = storming.finally(() => (storm.isOver = true))
  const latencies: number[] = []
  for (let i = 0; !storm.isOver; i += 1) {
    latencies.push(await book(cold[i % cold.length] ?? 0, `user ${i}`))
  }
  const usual = quantile(await stormed, 0.5)
  const [median, p95] = [quantile(latencies, 0.5), quantile(latencies, 0.95)]
  t.comment(`half of the ${STORM} in the storm waited ${Math.round(usual)} ms and more`)
  t.ok(latencies.length > 20, `${latencies.length} cold bookings during the storm`)
  t.ok(median < usual / 5, `half of them took ${Math.round(median)} ms at the most`)
  t.ok(p95 < usual / 2, `95 of 100 took ${Math.round(p95)} ms at the most`)
  t.same(await seatsOf(pool, hot), { rows: STORM, users: STORM, taken: STORM })
})
