import t from 'tap'
import { createApi } from '../helpers/api.ts'

/** What may stand behind the type of a body in UTF-8. */
const TAKEN = [
  '',
  '; charset=utf-8',
  ';charset=UTF8',
  '; Charset="utf-8"',
  '; charset=Utf-8; q=1',
  '; profile="a; charset=latin1"',
  '; charset=',
]
const REFUSED = [
  '; charset=latin1',
  ';CHARSET=utf-16',
  '; charset="ISO-8859-1"',
  '; charset=utf-8; charset=latin1',
  '; charset=us-ascii',
  '; charset=utf-80',
  '; charset="x',
]

t.test('a body in another charset than UTF-8 is 415', async (t) => {
  const { app, database } = await createApi(t)
  const send = (type: string, method: 'POST' | 'PATCH', url: string) =>
    app.inject({
      method,
      url: `/api/events${url}`,
      headers: { 'content-type': type },
      payload: '{"name":"Zoë","total_seats":1}',
    })
  for (const charset of TAKEN) {
    const made = await send(`application/json${charset}`, 'POST', '')
    t.match([made.statusCode, made.json()], [201, { name: 'Zoë' }], charset)
    const patched = await send(`application/merge-patch+json${charset}`, 'PATCH', '/1')
    t.equal(patched.statusCode, 200, charset)
  }
  const error = 'The body must be in UTF-8: no other charset is supported'
  for (const charset of REFUSED) {
    const made = await send(`application/json${charset}`, 'POST', '')
    t.same([made.statusCode, made.json()], [415, { error }], charset)
    t.equal(made.headers.accept, 'application/json')
    const patched = await send(`application/merge-patch+json${charset}`, 'PATCH', '/1')
    t.same([patched.statusCode, patched.json()], [415, { error }], charset)
    t.equal(patched.headers['accept-patch'], 'application/json, application/merge-patch+json')
  }
  const { rows } = await database.pool.query('SELECT count(*)::int AS events FROM events')
  t.same(rows, [{ events: TAKEN.length }])
})
