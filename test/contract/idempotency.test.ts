import { createHash } from 'node:crypto'
import t from 'tap'
import { createApi, type ApiAnswer } from '../helpers/api.ts'

const REUSED = 'The Idempotency-Key was used for another request'

t.test('Idempotency-Key', async (t) => {
  const api = await createApi(t)
  const { ask, createEvent, reserve, expire, readAll, database } = api
  let keys = 0
  const nextKey = () => `"key-${(keys += 1)}"`

  type Call = [method: Parameters<typeof ask>[0], url: string, payload?: object]
  const send = ([method, url, payload]: Call, key: string) =>
    ask(method, url, payload, { 'idempotency-key': key })

  async function makeHold() {
    const eventId = await createEvent({ total_seats: 4, max_seats_per_booking: 4 })
    const { body } = await reserve(eventId, 'ann', { hold: true })
    return { eventId, url: `/bookings/${body.booking.id}` }
  }
  async function makeFullEvent() {
    const eventId = await createEvent({ total_seats: 1 })
    await reserve(eventId, 'ann')
    return eventId
  }

  const operations: Record<
    string,
    () => Promise<{ call: Call; status: number; eventId?: number }>
  > = {
    'create an event': () =>
      Promise.resolve({
        call: ['POST', '/events', { name: 'Once', total_seats: 3, metadata: { b: 1, a: [2] } }],
        status: 201,
      }),
    'change an event': async () => {
      const eventId = await createEvent()
      return { call: ['PATCH', `/events/${eventId}`, { total_seats: 9 }], status: 200, eventId }
    },
    'delete an event': async () => {
      const eventId = await makeFullEvent()
      return { call: ['DELETE', `/events/${eventId}?force=true`], status: 204, eventId }
    },
    reserve: async () => {
      const eventId = await createEvent()
      const payload = { event_id: eventId, user_id: 'ann' }
      return { call: ['POST', '/bookings/reserve', payload], status: 201, eventId }
    },
    hold: async () => {
      const eventId = await createEvent({ total_seats: 1 })
      const payload = { event_id: eventId, user_id: 'ann', hold: true }
      return { call: ['POST', '/bookings/reserve', payload], status: 201, eventId }
    },
    'wait in line': async () => {
      const eventId = await makeFullEvent()
      const payload = { event_id: eventId, user_id: 'bob', waitlist: true }
      return { call: ['POST', '/bookings/reserve', payload], status: 202, eventId }
    },
    confirm: async () => {
      const { eventId, url } = await makeHold()
      return { call: ['POST', `${url}/confirm`], status: 200, eventId }
    },
    extend: async () => {
      const { eventId, url } = await makeHold()
      return { call: ['POST', `${url}/extend`], status: 200, eventId }
    },
    resize: async () => {
      const { eventId, url } = await makeHold()
      return { call: ['PATCH', url, { seats: 3 }], status: 200, eventId }
    },
    cancel: async () => {
      const { eventId, url } = await makeHold()
      return { call: ['DELETE', url], status: 204, eventId }
    },
    'leave a waitlist': async () => {
      const eventId = await makeFullEvent()
      const { body } = await reserve(eventId, 'bob', { waitlist: true })
      return { call: ['DELETE', `/waitlist/${body.waitlist_entry.id}`], status: 204, eventId }
    },
  }

  const shown = ({ status, body, headers }: ApiAnswer) => {
    return { status, body, location: headers['location'], etag: headers['etag'] }
  }
  const historyOf = async (eventId: number | undefined) =>
    eventId === undefined ? [] : await readAll(`/events/${eventId}/history`, 'history', 100)

  for (const [name, make] of Object.entries(operations)) {
    await t.test(`${name}: sent again it has no effect and gets the same answer`, async (t) => {
      const { call, status, eventId } = await make()
      const key = nextKey()
      const first = await send(call, key)
      t.equal(first.status, status)
      t.notOk(first.headers['idempotency-replayed'])
      const history = await historyOf(eventId)
      for (const again of [1, 2]) {
        const replayed = await send(call, key)
        t.strictSame(shown(replayed), shown(first), `again ${again}`)
        t.equal(replayed.headers['idempotency-replayed'], 'true')
      }
      t.strictSame(await historyOf(eventId), history)
      const other = await send(['POST', '/events', { name: 'Other', total_seats: 1 }], key)
      t.match(other, { status: 422, body: { error: REUSED } })
    })

    await t.test(`${name}: ten at once have one effect, and all get its answer`, async (t) => {
      const { call, status, eventId } = await make()
      const before = await historyOf(eventId)
      const key = nextKey()
      const answers = await Promise.all(Array.from({ length: 10 }, () => send(call, key)))
      const [first] = answers
      t.equal(first?.status, status)
      for (const answer of answers) t.strictSame(shown(answer), first && shown(first))
      const fresh = answers.filter(({ headers }) => headers['idempotency-replayed'] === undefined)
      t.equal(fresh.length, 1)
      const after = await historyOf(eventId)
      t.equal(after.length - before.length, eventId === undefined ? 0 : 1)
    })
  }

  await t.test('an event made by ten at once is one event', async (t) => {
    const call: Call = ['POST', '/events', { name: 'Only once', total_seats: 1 }]
    const key = nextKey()
    await Promise.all(Array.from({ length: 10 }, () => send(call, key)))
    const { body } = await ask('GET', '/events?name=only%20once')
    t.equal(body.events.length, 1)
  })

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
    const path = `/bookings/${body.booking.id}/confirm`
    const key = nextKey()
    t.equal((await send(['POST', path], key)).status, 200)
    for (const json of ['0', '""', 'false', 'null', '[]', '{}']) {
      const payload = Buffer.from(json)
      const headers = { 'idempotency-key': key, 'content-type': 'application/json' }
      t.equal((await ask('POST', path, payload, headers)).status, 422, json)
    }
  })

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
