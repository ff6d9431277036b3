import t from 'tap'
import { createApi } from '../helpers/api.ts'

const ROWS = 30

t.test('a page of large entries ends early, and a file has all of them', async (t) => {
  const { app, ask, readAll, createEvent, database } = await createApi(t)
  const eventId = await createEvent({ total_seats: ROWS })
  await database.pool.query(
    `INSERT INTO bookings (event_id, user_id, metadata)
     SELECT $1, 'user-' || n, json_build_object('text', repeat('x', 100000)) FROM generate_series(1, $2::int) AS n`,
    [eventId, ROWS],
  )
  const url = `/bookings?event_id=${eventId}`
  const { body } = await ask('GET', `${url}&limit=100`)
  t.equal(body.bookings.length, 11, 'which are more than 1 MiB')
  t.type(body.next_cursor, 'string')
  const all = await readAll(url, 'bookings', 100)
  t.equal(new Set(all.map(({ id }) => id)).size, ROWS)
  const headers = { accept: 'text/csv' }
  const file = await app.inject({ url: `/api${url}&limit=100`, headers })
  t.equal(file.body.trim().split('\r\n').length, 1 + ROWS)
})
