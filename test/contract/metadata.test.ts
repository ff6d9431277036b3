import t from 'tap'
import { createApi } from '../helpers/api.ts'

t.test('metadata comes back to the letter, from wherever it is read', async (t) => {
  const { app, ask } = await createApi(t)
  const texts = [
    '{"zz":1,"b":2,"aaa":3}',
    '{"a\\nb":1,"c\\rd":2,"e\\u2028f":3,"ok":{"x\\ny":[4]}}'.replace('\\u2028', '\u2028'),
    '{"tiny":[5e-324,1e-300],"huge":1e+308,"zero":0}',
    '{}',
  ]
  for (const text of texts) {
    const create = () =>
      app.inject({
        method: 'POST',
        url: '/api/events',
        headers: { 'content-type': 'application/json', 'idempotency-key': `create-${text.length}` },
        payload: `{"name":"Concert","total_seats":2,"metadata":${text}}`,
      })
    const created = await create()
    t.equal(created.statusCode, 201)
    t.ok(created.body.includes(`"metadata":${text}`), 'as it was sent')

    const replayed = await create()
    t.equal(replayed.headers['idempotency-replayed'], 'true')
    t.equal(replayed.body, created.body)

    const url = `/api/events/${created.json<{ id: number }>().id}`
    const read = await app.inject(url)
    t.equal(read.body, created.body)
    t.equal(read.headers['etag'], created.headers['etag'], 'the same bytes, the same tag')

    const { body } = await ask('PATCH', url.slice('/api'.length), { name: 'Another' })
    t.equal(JSON.stringify(body.metadata), text, 'a change of something else leaves it')
    const listed = await app.inject('/api/events?sort=id&order=desc&limit=1')
    t.ok(listed.body.includes(`"metadata":${text}`))
  }
})

t.test('metadata stays as large as it came', async (t) => {
  const { app, ask } = await createApi(t)
  // PostgreSQL's numeric would write each of these out to more than 300 digits.
  const metadata = { numbers: Array.from({ length: 2300 }, () => 5e-324) }
  const { body } = await ask('POST', '/events', { name: 'Concert', total_seats: 2, metadata })
  const read = await app.inject(`/api/events/${body.id}`)
  t.ok(read.body.length < 17_000, `${read.body.length} bytes`)
})
