import { createHash } from 'node:crypto'
import t from 'tap'
import { createKeyed, shown, type Call } from '../helpers/keyed.ts'

t.test('what is the same request under an Idempotency-Key', async (t) => {
  const { ask, createEvent, database, send, nextKey, makeHold } = await createKeyed(t)

  await t.test('one key for two things at once: one is done, the other 422', async (t) => {
    const [one, two] = [await createEvent(), await createEvent()]
    const key = nextKey()
    const answers = await Promise.all(
      [one, two].map((id) =>
        send(['POST', '/bookings/reserve', { event_id: id, user_id: 'ann' }], key),
      ),
    )
    t.strictSame(answers.map(({ status }) => status).sort(), [201, 422])
    const { body } = await ask('GET', '/bookings?user_id=ann&limit=100')
    const bookings: { event_id: number }[] = body.bookings
    const those = bookings.filter(({ event_id: id }) => [one, two].includes(id))
    t.equal(those.length, 1)
  })

  await t.test(
    'the same is the same body in any order; path, query and method count',
    async (t) => {
      const eventId = await createEvent()
      const key = nextKey()
      const url = '/bookings/reserve'
      const first = await send(['POST', url, { event_id: eventId, user_id: 'ann' }], key)
      const turned = await send(['POST', url, { user_id: 'ann', event_id: eventId }], key)
      t.strictSame(turned.body, first.body)
      for (const call of [
        ['POST', url, { event_id: eventId, user_id: 'bob' }],
        ['DELETE', `/events/${eventId}?force=true`],
        ['DELETE', `/events/${eventId}`],
        ['DELETE', '/bookings/2147483647'],
        ['DELETE', '/waitlist/2147483647'],
      ] satisfies Call[]) {
        const answer = await ask(call[0], call[1], call[2], {
          'idempotency-key': key,
          accept: 'application/problem+json',
        })
        t.match(answer, { status: 422, body: { code: 'idempotency_key_reused' } }, call[1])
      }
    },
  )

  await t.test('a body that the route has no use for counts too, whatever it is', async (t) => {
    const hold = { event_id: await createEvent(), user_id: 'cleo', hold: true }
    const { body } = await send(['POST', '/bookings/reserve', hold], nextKey())
    const path = `/bookings/${body.booking.id}/extend`
    const key = nextKey()
    t.equal((await send(['POST', path], key)).status, 200)
    for (const json of ['0', '""', 'false', 'null', '[]', '{}']) {
      const payload = Buffer.from(json)
      const headers = { 'idempotency-key': key, 'content-type': 'application/json' }
      t.equal((await ask('POST', path, payload, headers)).status, 422, json)
    }
  })

  await t.test('however a path is written, it is the same request', async (t) => {
    const { url } = await makeHold()
    const id = url.split('/').at(-1)
    const key = nextKey()
    const first = await send(['PATCH', url, { seats: 2 }], key)
    t.equal(first.status, 200)
    for (const same of [`${url}/`, `/bookings/0${id}`, `/%62ookings/${id}`, `${url}?`]) {
      const again = await send(['PATCH', same, { seats: 2 }], key)
      t.equal(again.headers['idempotency-replayed'], 'true', same)
      t.strictSame(shown(again), shown(first), same)
    }
    const created = await send(['POST', '/events', { name: 'Slash', total_seats: 1 }], nextKey())
    const deletion = nextKey()
    const deleted = `/events/${created.body.id}`
    t.equal((await send(['DELETE', `${deleted}?force=true`], deletion)).status, 204)
    const again = await send(['DELETE', `${deleted}/?force=true`], deletion)
    t.equal(again.headers['idempotency-replayed'], 'true')
    t.equal((await send(['DELETE', deleted], deletion)).status, 422)
  })

  await t.test('a request has the fingerprint that versions before gave it', async (t) => {
    const eventId = await createEvent()
    const { url } = await makeHold()
    const calls: readonly (readonly [call: Call, body: string])[] = [
      [['POST', '/events', { total_seats: 1, name: 'x' }], '{"name":"x","total_seats":1}'],
      [['POST', `${url}/confirm`], ''],
      [['DELETE', `/events/${eventId}?force=true`], ''],
    ]
    for (const [call, body] of calls) {
      const key = nextKey()
      t.match(String((await send(call, key)).status), /^2/)
      const hash = createHash('sha256')
      for (const part of [call[0], `/api${call[1]}`, body]) {
        hash.update(`${part.length}:`).update(part)
      }
      const { rows } = await database.pool.query(
        'SELECT fingerprint FROM idempotency_keys WHERE key = $1',
        [key],
      )
      t.strictSame(rows, [{ fingerprint: hash.digest('base64url') }], call[1])
    }
  })
})
