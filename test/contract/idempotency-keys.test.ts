import t from 'tap'
import { createKeyed, shown, type Call } from '../helpers/keyed.ts'

t.test('what an Idempotency-Key stands for, and for how long', async (t) => {
  const { ask, createEvent, reserve, expire, database, send, nextKey, makeHold } =
    await createKeyed(t)

  await t.test('a refusal is not stored: it may be right the next time', async (t) => {
    const eventId = await createEvent({ total_seats: 1 })
    const { body } = await reserve(eventId, 'ann')
    const call: Call = ['POST', '/bookings/reserve', { event_id: eventId, user_id: 'bob' }]
    const key = nextKey()
    for (const again of [1, 2]) {
      const refused = await send(call, key)
      t.equal(refused.status, 409, `again ${again}`)
      t.notOk(refused.headers['idempotency-replayed'])
    }
    await ask('DELETE', `/bookings/${body.booking.id}`)
    t.equal((await send(call, key)).status, 201)
  })

  await t.test('what was answered then stands, though it has ended since', async (t) => {
    const { url } = await makeHold()
    const key = nextKey()
    const first = await send(['POST', `${url}/extend`], key)
    await expire(Number(url.split('/').at(-1)))
    t.equal((await ask('POST', `${url}/confirm`)).status, 410)
    const again = await send(['POST', `${url}/extend`], key)
    t.match(again, { status: 200, body: first.body })
    t.equal(again.headers['idempotency-replayed'], 'true')
  })

  await t.test('If-Match is not asked again of a request that has succeeded', async (t) => {
    const eventId = await createEvent()
    const { headers } = await ask('GET', `/events/${eventId}`)
    const conditions = { 'if-match': String(headers['etag']), 'idempotency-key': nextKey() }
    const first = await ask('PATCH', `/events/${eventId}`, { name: 'x' }, conditions)
    const again = await ask('PATCH', `/events/${eventId}`, { name: 'x' }, conditions)
    t.equal(first.status, 200)
    t.strictSame(shown(again), shown(first))
  })

  await t.test('after 24 hours the key is free again', async (t) => {
    const eventId = await createEvent()
    const key = nextKey()
    await send(['POST', '/bookings/reserve', { event_id: eventId, user_id: 'ann' }], key)
    await database.pool.query(
      `UPDATE idempotency_keys SET created_at = now() - interval '24 hours' WHERE key = $1`,
      [key],
    )
    const call: Call = ['POST', '/bookings/reserve', { event_id: eventId, user_id: 'bob' }]
    const answer = await send(call, key)
    t.equal(answer.status, 201)
    t.notOk(answer.headers['idempotency-replayed'])
    t.equal((await send(call, key)).headers['idempotency-replayed'], 'true')
  })

  await t.test('400 for a key that is none, on every route that changes something', async (t) => {
    const text = 'Idempotency-Key must be a string of 1 to 255 visible ASCII characters'
    const calls: Call[] = [
      ['POST', '/events', { name: 'x', total_seats: 1 }],
      ['PATCH', '/events/1', { name: 'x' }],
      ['DELETE', '/events/1'],
      ['POST', '/bookings/reserve', { event_id: 1, user_id: 'ann' }],
      ['POST', '/bookings/1/confirm'],
      ['POST', '/bookings/1/extend'],
      ['PATCH', '/bookings/1', { seats: 1 }],
      ['DELETE', '/bookings/1'],
      ['DELETE', '/waitlist/1'],
    ]
    for (const call of calls) {
      for (const key of ['', 'a b', 'x'.repeat(256), 'ü', '\t']) {
        t.match(await send(call, key), { status: 400, body: { error: text } }, call[1])
      }
    }
    const call: Call = ['POST', '/events', { name: 'x', total_seats: 1 }]
    t.equal((await send(call, 'x'.repeat(255))).status, 201)
    t.equal((await send(call, '!~')).status, 201)
  })
})
