import t, { type Test } from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startProxy } from '../helpers/proxy.ts'
import { createEvent } from '../helpers/race.ts'

// The promise: however many confirm bookings of one event, those of another are confirmed as soon as
// ever, even those that come last: what a command looks up first is looked up together, and then each
// event has its own queue.

const STORM = 1500
const COLD = 20

async function createStorm(t: Test) {
  const database = await createTestDatabase(t)
  const proxy = await startProxy(t, database.url)
  const app = await createTestApp(t, {
    database: { ...database, url: proxy.url },
    environment: { MAX_BATCH_SIZE: '50' },
  })
  const lookUps = { count: 0 }
  proxy.judge = (sql) => {
    if (/SELECT id, event_id FROM bookings/.test(sql)) lookUps.count += 1
    return 'pass'
  }
  /** Holds of one event; their ids. */
  const hold = async (count: number): Promise<number[]> => {
    const eventId = await createEvent(database.pool, count)
    const { rows } = await database.pool.query<{ id: number }>(
      `INSERT INTO bookings (event_id, user_id, status, expires_at)
       SELECT $1::int, 'user-' || n, 'held', now() + interval '1 hour'
       FROM generate_series(1, $2::int) AS n RETURNING id::int`,
      [eventId, count],
    )
    return rows.map(({ id }) => id)
  }
  /** Confirms all at once; gives how many of `first` were answered before the last of `last` was. */
  const confirmAll = async (first: readonly number[], last: readonly number[]): Promise<number> => {
    let answered = 0
    let before = 0
    const confirm = async (id: number): Promise<void> => {
      const { statusCode } = await app.inject({
        method: 'POST',
        url: `/api/bookings/${id}/confirm`,
      })
      if (statusCode !== 200) t.fail(`a confirm was answered ${statusCode}`)
    }
    const all = [
      ...first.map((id) => confirm(id).then(() => (answered += 1))),
      ...last.map((id) => confirm(id).then(() => (before = answered))),
    ]
    await Promise.all(all)
    const { rows } = await database.pool.query(`SELECT FROM bookings WHERE status = 'held'`)
    t.equal(rows.length, 0, 'all are confirmed in the table as well')
    return before
  }
  return { lookUps, hold, confirmAll }
}

t.test('a storm of confirms on one event does not keep others waiting', async (t) => {
  const { lookUps, hold, confirmAll } = await createStorm(t)
  const before = await confirmAll(await hold(STORM), await hold(COLD))
  t.comment(`the last of the others had its answer after ${before} of ${STORM}`)
  t.ok(before < STORM / 2, `${before} of ${STORM} came first`)
  t.ok(lookUps.count < STORM / 50, `${lookUps.count} statements looked up ${STORM + COLD} bookings`)
})

t.test('the control: of the same event, those who come last are served last', async (t) => {
  const { hold, confirmAll } = await createStorm(t)
  const ids = await hold(STORM + COLD)
  const before = await confirmAll(ids.slice(0, STORM), ids.slice(STORM))
  t.ok(before > 0.9 * STORM, `${before} of ${STORM} came first`)
})
