import t, { type Test } from 'tap'
import { createApi, type ApiAnswer } from '../helpers/api.ts'
import {
  AUDIENCE,
  createIssuer,
  createKey,
  createToken,
  ISSUER,
  type SigningKey,
} from '../helpers/issuer.ts'

const NOBODY = Number.MAX_SAFE_INTEGER
const MISMATCH = {
  status: 403,
  body: { error: 'user_id must be the subject of the token, or left out' },
}

/** A service that takes tokens of two tenants, and ways to ask it as one of their users. */
async function setUp(t: Test, more: Record<string, string> = {}) {
  const key = await createKey('ES256', 'one')
  const issuer = await createIssuer(t, key)
  const issuers = ['acme', 'globex'].map((tenant) => ({
    tenant,
    issuer: ISSUER,
    audience: tenant === 'acme' ? AUDIENCE : tenant,
    jwks_url: issuer.jwksUrl,
  }))
  const environment = { AUTH: 'keys', TOKEN_ISSUERS: JSON.stringify(issuers), ...more }
  const { ask, app, database, expire } = await createApi(t, environment)

  async function as(sub: string, aud: string = AUDIENCE) {
    const authorization = `Bearer ${await createToken(key, { sub, aud })}`
    const askWith = (
      method: Parameters<typeof ask>[0],
      url: string,
      payload?: object,
      headers: Record<string, string> = {},
    ) => ask(method, url, payload, { authorization, ...headers })
    return {
      ask: askWith,
      reserve: (eventId: number, more: object = {}, headers: Record<string, string> = {}) =>
        askWith('POST', '/bookings/reserve', { event_id: eventId, ...more }, headers),
    }
  }
  return {
    app,
    database,
    issuer,
    key,
    ask,
    as,
    expire,
    /** Makes an event of the tenant's, as somebody with a key would. */
    createEvent: async (totalSeats: number, tenant = 'acme'): Promise<number> => {
      const { rows } = await database.pool.query<{ id: number }>(
        `INSERT INTO events (name, total_seats, max_seats_per_booking, tenant_id)
         VALUES ('Concert', $1, 4, $2) RETURNING id`,
        [totalSeats, tenant],
      )
      return Number(rows[0]?.id)
    },
  }
}

/** All of an answer that a client could tell it from another by, but for the request's own id. */
function tellable({ status, headers, body }: ApiAnswer): object {
  return { status, headers: { ...headers, 'x-request-id': null, date: null }, body }
}

t.test('a browser books for itself', async (t) => {
  const { as, createEvent, database } = await setUp(t)
  const ann = await as('ann')

  await t.test('its user is filled in', async (t) => {
    for (const given of [{}, { user_id: null }, { user_id: '' }, { user_id: 'ann' }]) {
      const eventId = await createEvent(2)
      const booked = await ann.reserve(eventId, given)
      t.match(booked, { status: 201, body: { booking: { event_id: eventId, user_id: 'ann' } } })
    }
    const { rows } = await database.pool.query(
      `SELECT DISTINCT change ->> 'actor' AS actor
       FROM event_history, json_array_elements(changes) AS change`,
    )
    t.strictSame(rows, [{ actor: 'user:ann' }])
  })

  await t.test('and may be no other', async (t) => {
    const eventId = await createEvent(2)
    for (const user_id of ['bob', 'Ann', 'ann ', ' ']) {
      t.match(await ann.reserve(eventId, { user_id }), MISMATCH, user_id)
    }
    for (const user_id of [5, true, ['ann'], {}]) {
      t.equal((await ann.reserve(eventId, { user_id })).status, 400)
    }
    const { rows } = await database.pool.query('SELECT FROM bookings WHERE event_id = $1', [
      eventId,
    ])
    t.equal(rows.length, 0)
  })

  await t.test('whatever else is missing is told as ever', async (t) => {
    for (const payload of [{}, []]) {
      const { status, body } = await ann.ask('POST', '/bookings/reserve', payload)
      t.match({ status, body }, { status: 400, body: { error: /event_id/ } })
    }
  })

  await t.test('with and without its user it is the same request', async (t) => {
    const eventId = await createEvent(2)
    const header = { 'idempotency-key': 'again' }
    const first = await ann.reserve(eventId, {}, header)
    const second = await ann.reserve(eventId, { user_id: 'ann' }, header)
    t.strictSame(second.body, first.body)
    t.equal(second.headers['idempotency-replayed'], 'true')
    const bob = await as('bob')
    const other = await bob.reserve(eventId, {}, header)
    t.match(other, { status: 201, body: { booking: { user_id: 'bob' } } }, "another user's key")
  })

  await t.test("an event of another tenant's is not there", async (t) => {
    const eventId = await createEvent(2, 'globex')
    t.match(await ann.reserve(eventId), { status: 404, body: { error: 'Event not found' } })
    const namesake = await as('ann', 'globex')
    t.equal((await namesake.reserve(eventId)).status, 201)
  })

  await t.test('it sees events, but changes none and reads no history', async (t) => {
    const eventId = await createEvent(2)
    t.match(await ann.ask('GET', `/events/${eventId}`), { status: 200, body: { id: eventId } })
    t.equal((await ann.ask('GET', '/events')).status, 200)
    t.equal((await ann.ask('POST', '/events', { name: 'Mine', total_seats: 1 })).status, 403)
    t.equal((await ann.ask('PATCH', `/events/${eventId}`, { total_seats: 9 })).status, 403)
    t.equal((await ann.ask('DELETE', `/events/${eventId}`)).status, 403)
    t.equal((await ann.ask('GET', `/events/${eventId}/history`)).status, 403)
  })
})

t.test('lists are of its own', async (t) => {
  const { as, createEvent } = await setUp(t)
  const [ann, bob, cas] = [await as('ann'), await as('bob'), await as('cas')]
  const eventId = await createEvent(2)
  const booked = [await ann.reserve(eventId), await bob.reserve(eventId)]
  t.strictSame(
    booked.map(({ status }) => status),
    [201, 201],
  )
  t.equal((await cas.reserve(eventId, { waitlist: true })).status, 202)

  for (const query of ['', '?user_id=ann', `?event_id=${eventId}`, '?status=confirmed']) {
    const { status, body } = await ann.ask('GET', `/bookings${query}`)
    t.match({ status, body }, { status: 200, body: { bookings: [{ user_id: 'ann' }] } }, query)
    t.equal(body.bookings.length, 1)
  }
  t.match(await ann.ask('GET', '/bookings?user_id=bob'), MISMATCH)
  t.match(await ann.ask('GET', `/bookings?event_id=${eventId}&user_id=nobody`), MISMATCH)

  const line = `/events/${eventId}/waitlist`
  t.match(await cas.ask('GET', line), { body: { waitlist: [{ user_id: 'cas', position: 1 }] } })
  t.match(await cas.ask('GET', `${line}?user_id=cas`), { body: { waitlist: [{ user_id: 'cas' }] } })
  t.strictSame((await ann.ask('GET', line)).body, { waitlist: [], next_cursor: null })
  t.match(await ann.ask('GET', `${line}?user_id=cas`), MISMATCH)
})

t.test("what is another's is answered like what never was", async (t) => {
  const { as, createEvent, expire, database } = await setUp(t)
  const [ann, bob] = [await as('ann'), await as('bob')]

  /** Asks for both, as bob, and compares all that he is told. */
  async function compare(
    t: Test,
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: (id: number) => string,
    id: number,
    payload?: object,
  ): Promise<void> {
    for (const headers of [{}, { 'idempotency-key': `${method} ${url(0)}`.replaceAll(' ', '') }]) {
      const theirs = tellable(await bob.ask(method, url(id), payload, headers))
      const nobodys = tellable(await bob.ask(method, url(NOBODY), payload, headers))
      t.match(theirs, { status: 404 }, `${method} ${url(id)}`)
      t.strictSame(theirs, nobodys)
    }
  }
  async function compareAll(t: Test, id: number): Promise<void> {
    const booking = (id: number) => `/bookings/${id}`
    await compare(t, 'GET', booking, id)
    await compare(t, 'POST', (id) => `/bookings/${id}/confirm`, id)
    await compare(t, 'POST', (id) => `/bookings/${id}/extend`, id)
    await compare(t, 'PATCH', booking, id, { seats: 2 })
    await compare(t, 'DELETE', booking, id)
  }

  await t.test('a booking whose event is locked, as nobody waits for that lock', async (t) => {
    const eventId = await createEvent(4)
    const { body } = await ann.reserve(eventId)
    const session = await database.pool.connect()
    try {
      await session.query('BEGIN')
      await session.query('SELECT FROM events WHERE id = $1 FOR UPDATE', [eventId])
      await compareAll(t, body.booking.id)
      await session.query('ROLLBACK')
    } finally {
      session.release()
    }
  })

  await t.test('a booking', async (t) => {
    const eventId = await createEvent(4)
    const { body } = await ann.reserve(eventId)
    await compareAll(t, body.booking.id)
    const { body: still } = await ann.ask('GET', `/bookings/${body.booking.id}`)
    t.strictSame(still, body.booking, 'and stays as it was')
    const removed = await ann.ask('DELETE', `/bookings/${body.booking.id}`)
    t.equal(removed.status, 204, 'while its own user may do what he likes')
  })

  await t.test('a hold, also after its time and when it has been cleared away', async (t) => {
    const eventId = await createEvent(4)
    const { body } = await ann.reserve(eventId, { hold: true })
    const { id } = body.booking
    await compareAll(t, id)
    await expire(id)
    await compareAll(t, id)
    const expired = { status: 410, body: { error: 'The hold has expired' } }
    t.match(await ann.ask('POST', `/bookings/${id}/confirm`), expired, 'its own user is told')
    const { rows } = await database.pool.query(
      'SELECT user_id FROM expired_holds WHERE booking_id = $1',
      [id],
    )
    t.strictSame(rows, [{ user_id: 'ann' }])
    await compareAll(t, id)
    t.match(await ann.ask('POST', `/bookings/${id}/confirm`), expired)
    await database.pool.query('UPDATE expired_holds SET user_id = NULL')
    const gone = { status: 404, body: { error: 'Booking not found' } }
    t.match(await ann.ask('POST', `/bookings/${id}/confirm`), gone, 'nobody knows whose it was')
  })

  await t.test('a waitlist entry', async (t) => {
    const eventId = await createEvent(1)
    await bob.reserve(eventId)
    const { status, body } = await ann.reserve(eventId, { waitlist: true })
    t.equal(status, 202)
    const { id } = body.waitlist_entry
    const entry = (id: number) => `/waitlist/${id}`
    await compare(t, 'GET', entry, id)
    await compare(t, 'DELETE', entry, id)
    t.match(await ann.ask('GET', entry(id)), { status: 200, body: { user_id: 'ann', position: 1 } })
    t.equal((await ann.ask('DELETE', entry(id))).status, 204)
  })
})

t.test('a token that is none is 401, and one that nobody can check now is 503', async (t) => {
  const { ask, key, issuer, createEvent } = await setUp(t)
  const eventId = await createEvent(1)
  const askWith = async (claims: object) => {
    const authorization = `Bearer ${await createToken(key, { ...claims })}`
    return ask('GET', `/events/${eventId}`, undefined, { authorization })
  }
  await issuer.stop()
  const { status, headers, body } = await askWith({})
  const error = 'The keys that tokens are signed with are unavailable; try again later'
  t.match({ status, body }, { status: 503, body: { error } })
  t.match(headers['retry-after'], /^[1-5]$/)
  const invalid = { status: 401, body: { error: 'The API key or token is not valid' } }
  t.match(await askWith({ iss: 'https://nobody.example' }), invalid)
  t.match(await askWith({ aud: 'nobody' }), invalid)
})

t.test('tokens that have expired block nobody, and forged ones do', async (t) => {
  const { ask, key } = await setUp(t, { FAILED_AUTH_PER_MINUTE: '3' })
  const statusWith = async (signedBy: SigningKey, claims: object = {}) => {
    const authorization = `Bearer ${await createToken(signedBy, { ...claims })}`
    return (await ask('GET', '/events', undefined, { authorization })).status
  }
  const hourAgo = Math.floor(Date.now() / 1000) - 3600
  for (let n = 0; n < 5; n += 1) {
    t.equal(await statusWith(key, { exp: hourAgo }), 401, 'expired')
    t.equal(await statusWith(key, { nbf: hourAgo + 7200 }), 401, 'not valid yet')
    t.equal(await statusWith({ ...key, kid: 'new' }), 401, 'by a key that may be new')
  }
  t.equal(await statusWith(key), 200)
  const forger = await createKey('ES256', key.kid)
  for (let n = 0; n < 3; n += 1) t.equal(await statusWith(forger, { exp: hourAgo }), 401)
  t.equal(await statusWith(forger), 429)
})
