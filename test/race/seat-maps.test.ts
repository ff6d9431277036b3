import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { takeOverClock } from '../helpers/clock.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { createHall, line } from '../helpers/hall.ts'
import { startProxy } from '../helpers/proxy.ts'

// The promise: however many draw a hall, its map is made once for each change. What has changed, be it by
// nothing but time, the next read shows.

const POLLS = 50

t.test('maps of a hall that many ask for', async (t) => {
  const database = await createTestDatabase(t)
  const clock = await takeOverClock(database)
  const proxy = await startProxy(t, database.url)
  const api = await createApi(t, {}, { url: proxy.url, pool: database.pool })
  const { ask, reserve, app } = api
  let made = 0
  proxy.judge = (sql) => {
    if (sql.includes('FROM taken_seats') && sql.includes('xmin')) made += 1
    return 'pass'
  }
  const poll = async (eventId: number, tag = '') => {
    const headers = { 'if-none-match': tag }
    const response = await app.inject({ url: `/api/events/${eventId}/seats.bin`, headers })
    return {
      status: response.statusCode,
      tag: response.headers.etag,
      seats: response.rawPayload[0],
    }
  }
  /** What those see who ask at once, and how many maps are made for them. */
  const pollAtOnce = async (eventId: number, tag?: string) => {
    made = 0
    const polls = Array.from({ length: POLLS }, () => poll(eventId, tag))
    const seen = (await Promise.all(polls)).map(({ status, seats }) => `${status} ${seats ?? ''}`)
    return { seen: [...new Set(seen)], made }
  }
  const first = { lines: [line('stalls', ['A-1-1'])] }

  await t.test('is made once for all', async (t) => {
    const eventId = await createHall(api)
    t.same(await pollAtOnce(eventId), { seen: ['200 0'], made: 1 })
    t.same(await pollAtOnce(eventId), { seen: ['200 0'], made: 0 })
    const { tag } = await poll(eventId)
    t.same(await pollAtOnce(eventId, tag), { seen: ['304 '], made: 0 })
    await reserve(eventId, 'ann', first)
    t.same(await pollAtOnce(eventId, tag), { seen: ['200 2'], made: 1 })
  })

  await t.test('shows what has changed past the service', async (t) => {
    const eventId = await createHall(api)
    await reserve(eventId, 'ann', first)
    t.equal((await poll(eventId)).seats, 0b10)
    await database.pool.query('DELETE FROM bookings WHERE event_id = $1', [eventId])
    t.equal((await poll(eventId)).seats, 0)
  })

  await t.test('shows that a hold has expired, though nothing is written', async (t) => {
    const eventId = await createHall(api)
    await ask('PATCH', `/events/${eventId}`, { hold_seconds: 60 })
    const [early, late] = [
      { ...first, hold: true },
      { lines: [line('stalls', ['A-1-2'])], hold: true },
    ]
    await reserve(eventId, 'ann', early)
    await clock.advance(30)
    await reserve(eventId, 'bob', late)
    t.same(await pollAtOnce(eventId), { seen: ['200 5'], made: 1 })
    await clock.advance(29)
    t.same(await pollAtOnce(eventId), { seen: ['200 5'], made: 0 })
    const version = 'SELECT xmin::text FROM events WHERE id = $1'
    const before = await database.pool.query(version, [eventId])
    await clock.advance(1)
    t.same(await pollAtOnce(eventId), { seen: ['200 4'], made: 1 })
    await clock.advance(30)
    t.same(await pollAtOnce(eventId), { seen: ['200 0'], made: 1 })
    await clock.advance(3600)
    t.same(await pollAtOnce(eventId), { seen: ['200 0'], made: 0 })
    t.same((await database.pool.query(version, [eventId])).rows, before.rows)
  })
})
