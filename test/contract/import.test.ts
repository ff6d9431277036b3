import t from 'tap'
import { createApi, type Api } from '../helpers/api.ts'
import { answersOf, linesOf, NDJSON } from '../helpers/import.ts'

const importer =
  ({ app }: Pick<Api, 'app'>) =>
  async (eventId: number, payload: string | Buffer, headers: Record<string, string> = {}) => {
    const response = await app.inject({
      method: 'POST',
      url: `/api/events/${eventId}/bookings/import`,
      headers: { 'content-type': NDJSON, 'idempotency-key': 'k', ...headers },
      payload,
    })
    return response
  }

t.test('x', async (t) => {
  const api = await createApi(t)
  const send = importer(api)
  const eventId = await api.createEvent({ total_seats: 3 })
  const r = await send(eventId, linesOf({ user_id: 'a' }, { user_id: 'b' }, { user_id: 'a' }, {}, { user_id: 'c', seats: 'x' }) + '\n\r\n{"user_id": "d"}\r\n{x\n{"user_id":"e"}')
  console.log(r.statusCode, r.headers, r.body)
  console.log((await send(eventId, linesOf({ user_id: 'a' }, { user_id: 'c' }))).body)
  console.log((await send(9999, linesOf({ user_id: 'a' }, { user_id: 'c' }))).body)
})
