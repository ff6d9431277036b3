import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { linesOf, NDJSON } from '../helpers/import.ts'
import { importerOf } from '../helpers/importer.ts'

t.test('what is wrong with the request is told before any line', async (t) => {
  const { app, createEvent, database } = await createApi(t)
  const { ask } = importerOf({ app })
  const eventId = await createEvent({ total_seats: 9 })
  const lines = linesOf({ user_id: 'ann' })
  const keyless = await app.inject({
    method: 'POST',
    url: `/api/events/${eventId}/bookings/import`,
    headers: { 'content-type': NDJSON },
    payload: lines,
  })
  t.equal(keyless.statusCode, 400)
  t.strictSame(keyless.json(), { error: 'Idempotency-Key is required' })
  t.match((await ask(eventId, lines, { 'idempotency-key': 'x'.repeat(256) })).json(), {
    error: 'Idempotency-Key must be a string of 1 to 255 visible ASCII characters',
  })
  t.equal((await ask(0, lines)).statusCode, 400)
  for (const wrong of [
    { 'content-type': 'application/json' },
    { 'content-type': 'text/csv' },
    { 'content-type': '' },
    { 'content-type': `${NDJSON}; charset=latin1` },
  ]) {
    const { statusCode, headers } = await ask(eventId, lines, wrong)
    t.match([statusCode, headers['accept']], [415, NDJSON], JSON.stringify(wrong))
  }
  const zipped = await ask(eventId, lines, { 'content-encoding': 'gzip' })
  t.match([zipped.statusCode, zipped.headers['accept-encoding']], [415, 'identity'])
  t.equal(
    (await ask(eventId, lines, { 'content-type': `${NDJSON}; charset=utf-8` })).statusCode,
    200,
  )
  const { rows } = await database.pool.query('SELECT user_id FROM bookings')
  t.strictSame(rows, [{ user_id: 'ann' }], 'by the last one alone')
})
