import t from 'tap'
import { createApi, type Api } from '../helpers/api.ts'
import { createHall, line } from '../helpers/hall.ts'
import { answersOf, linesOf, NDJSON, type ImportAnswer } from '../helpers/import.ts'
import { createKey } from '../helpers/keys.ts'
import { createTokenApi } from '../helpers/token-api.ts'

const MAX_LINES = 100_000
const MAX_LINE_BYTES = 65_536

type Sent = Record<string, string>

function importerOf({ app }: Pick<Api, 'app'>) {
  const ask = (eventId: number, payload: string | Buffer, headers: Sent = {}) =>
    app.inject({
      method: 'POST',
      url: `/api/events/${eventId}/bookings/import`,
      headers: { 'content-type': NDJSON, 'idempotency-key': `import-${eventId}`, ...headers },
      payload,
    })
  return {
    ask,
    send: async (...asked: Parameters<typeof ask>) => answersOf((await ask(...asked)).body),
  }
}

/** What of an answer a test is about. */
const told = ({ line: number, status, error }: ImportAnswer) =>
  error === undefined ? [number, status] : [number, status, error.code, error.detail]

t.test('lines are answered in their order, each for itself', async (t) => {
  const api = await createApi(t)
  const { ask, send } = importerOf(api)
  const eventId = await api.createEvent({ total_seats: 4, max_seats_per_booking: 2 })

  await t.test('as a request to reserve would be', async (t) => {
    const lines = [
      { user_id: 'ann', metadata: { row: 1 }, seats: null },
      { user_id: 'ann' },
      { user_id: 'bob', seats: 3 },
      { seats: 1 },
      { user_id: 'bob', seats: '1' },
      { user_id: 'cid', hold: true, event_id: eventId },
      { user_id: 'dan', event_id: eventId + 1 },
      { user_id: 'dan', seats: 2, lines: [{ ticket_type: 'default', seats: 2 }] },
      { user_id: 'dan', lines: [{ ticket_type: 'vip', seats: 2 }] },
      { user_id: 'eve', seats: 2 },
      { user_id: 'fay' },
      { user_id: 'gus', waitlist: true },
    ]
    const response = await ask(eventId, linesOf(...lines))
    t.match(response, { statusCode: 200, headers: { 'content-type': NDJSON } })
    const answers = answersOf(response.body)
    t.strictSame(answers.map(told), [
      [1, 201],
      [2, 409, 'already_booked', 'User already booked for this event'],
      [3, 400, 'too_many_seats', 'seats must be an integer between 1 and 2'],
      [4, 400, 'missing_fields', 'user_id is required'],
      [5, 400, 'validation_failed', 'seats must be an integer between 1 and 1000'],
      [6, 201],
      [7, 400, 'validation_failed', 'event_id must be left out, or be that of the path'],
      [8, 400, 'validation_failed', 'seats and lines must not both be given'],
      [
        9,
        400,
        'unknown_ticket_type',
        'lines.0.ticket_type must be a ticket type of the event, which "vip" is not',
      ],
      [10, 201],
      [11, 409, 'sold_out', 'No seats available'],
      [12, 202],
    ])
    for (const { booking, waitlist_entry: entry } of answers) {
      if (booking !== undefined) {
        t.strictSame((await api.ask('GET', `/bookings/${booking.id}`)).body, booking)
      }
      if (entry !== undefined) {
        t.strictSame((await api.ask('GET', `/waitlist/${entry.id}`)).body, entry)
      }
    }
    // The envelope of problem details, as a request gets it.
    const again = { event_id: eventId, user_id: 'ann' }
    const problem = { accept: 'application/problem+json' }
    const { body } = await api.ask('POST', '/bookings/reserve', again, problem)
    t.strictSame(answers[1]?.error, body)
  })

  await t.test('what is no JSON fails alone, and blank lines count', async (t) => {
    const concert = await api.createEvent({ total_seats: 9 })
    const tooLong = `{"user_id":"u","metadata":{"a":"${'x'.repeat(MAX_LINE_BYTES)}"}}`
    const body = Buffer.concat([
      Buffer.from('\n \t\r\n{"user_id":"a"}\r\n{"user_id":\n[]\n7\n{"user_id":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from(`"}\n{"__proto__":{},"user_id":"a"}\n${tooLong}\n\n{"user_id":"z"}`),
    ])
    t.strictSame((await send(concert, body)).map(told), [
      [3, 201],
      [4, 400, 'malformed_json', 'The line is not valid JSON'],
      [5, 400, 'missing_fields', 'user_id is required'],
      [6, 400, 'missing_fields', 'user_id is required'],
      [7, 400, 'malformed_json', 'The line is not valid JSON'],
      [
        8,
        400,
        'validation_failed',
        'The line must not have a member __proto__, nor a member prototype of a member constructor',
      ],
      [9, 413, 'payload_too_large', `A line must have at most ${MAX_LINE_BYTES} bytes`],
      [11, 201],
    ])
  })

  await t.test('a line may be as long as a body, wherever its pieces end', async (t) => {
    const concert = await api.createEvent({ total_seats: 9 })
    const long = (bytes: number, userId: string): string => {
      const line = `{"user_id":"${userId}"}`
      return line + ' '.repeat(bytes - line.length)
    }
    const body = `${long(MAX_LINE_BYTES, 'a')}\r\n${long(MAX_LINE_BYTES, 'b')}\n${long(MAX_LINE_BYTES + 1, 'c')}`
    const statuses = (await send(concert, body)).map(({ status }) => status)
    t.strictSame(statuses, [201, 201, 413])
  })

  await t.test('no body, no lines', async (t) => {
    const { statusCode, body } = await ask(eventId, '')
    t.strictSame([statusCode, body], [200, ''])
  })

  await t.test('an event that is not there ends it', async (t) => {
    const answers = await send(
      1e9,
      linesOf(...Array.from({ length: 5000 }, () => ({ user_id: 'a' }))),
    )
    const missing = { status: 404, error: { code: 'event_not_found' } }
    t.match(answers[0], { ...missing, line: 1, stopped: undefined })
    t.match(answers.at(-1), { ...missing, line: answers.length, stopped: true })
    t.ok(answers.length < 1000, `${answers.length} answers`)
  })

  await t.test('one line too many ends it', async (t) => {
    const [answer, ...more] = await send(eventId, '\n'.repeat(MAX_LINES + 5))
    t.match(answer, {
      line: MAX_LINES + 1,
      status: 413,
      error: {
        code: 'payload_too_large',
        detail: `An import must have at most ${MAX_LINES} lines`,
      },
      stopped: true,
    })
    t.strictSame(more, [])
    t.strictSame(await send(eventId, '\n'.repeat(MAX_LINES)), [], 'so many may be')
  })
})

t.test('numbered seats', async (t) => {
  const api = await createApi(t)
  const { send } = importerOf(api)
  const hall = await createHall(api)
  const best = { ticket_type: 'stalls', seats: 2, best_available: {} }
  const answers = await send(
    hall,
    linesOf(
      { user_id: 'ann', lines: [line('stalls', ['A-1-1', 'A-1-2'])] },
      { user_id: 'bob', lines: [line('child', ['A-1-2'])] },
      { user_id: 'cid', lines: [line('box', ['A-1-3'])] },
      { user_id: 'dan', lines: [best] },
    ),
  )
  t.match(answers, [
    { status: 201, booking: { lines: [{ labels: ['A-1-1', 'A-1-2'] }] } },
    { status: 409, error: { code: 'seats_taken', labels_taken: ['A-1-2'] } },
    { status: 400, error: { code: 'labels_invalid' } },
    { status: 201, booking: { lines: [{ labels: { length: 2 } }] } },
  ])
})

t.test('under its key an import takes effect once', async (t) => {
  const api = await createApi(t)
  const { send } = importerOf(api)
  const eventId = await api.createEvent({ total_seats: 9 })
  const users = ['ann', 'bob', 'cid'].map((user_id) => ({ user_id }))
  const count = async (): Promise<number> =>
    Number((await api.ask('GET', `/bookings?event_id=${eventId}`)).body.bookings.length)

  const first = await send(eventId, linesOf(...users))
  t.strictSame(first.map(told), [
    [1, 201],
    [2, 201],
    [3, 201],
  ])
  const again = await send(eventId, linesOf(...users))
  t.strictSame(
    again,
    first.map((answer) => ({ ...answer, replayed: true })),
  )

  await t.test(
    'a line more is another line, and another line under a number is refused',
    async (t) => {
      const answers = await send(
        eventId,
        linesOf({ user_id: 'ann' }, { user_id: 'eve' }, { user_id: 'cid' }, { user_id: 'dan' }),
      )
      t.match(answers, [
        { status: 201, replayed: true, booking: { user_id: 'ann' } },
        { status: 422, error: { code: 'idempotency_key_reused' } },
        { status: 201, replayed: true },
        { status: 201, replayed: undefined, booking: { user_id: 'dan' } },
      ])
      t.equal(await count(), 4)
    },
  )

  await t.test('at another event it is refused', async (t) => {
    const other = await api.createEvent({ total_seats: 9 })
    const headers = { 'idempotency-key': `import-${eventId}` }
    t.match(await send(other, linesOf({ user_id: 'ann' }), headers), [{ status: 422 }])
  })

  await t.test('its key is another one than those of requests', async (t) => {
    const body = { event_id: eventId, user_id: 'fay' }
    const key = `import-${eventId}`
    const withKey = { 'idempotency-key': key }
    const reserved = await api.ask('POST', '/bookings/reserve', body, withKey)
    t.match(reserved, { status: 201, headers: { 'idempotency-replayed': undefined } })
    for (const derived of [`${key} 1`, `${key}\t1`]) {
      const headers = { 'idempotency-key': derived }
      t.match(await api.ask('POST', '/bookings/reserve', body, headers), {
        status: 400,
        body: { error: /^Idempotency-Key must be/ },
      })
    }
  })

  await t.test('two at once have one effect', async (t) => {
    const concert = await api.createEvent({ total_seats: 500 })
    const lines = linesOf(...Array.from({ length: 400 }, (_, i) => ({ user_id: `user ${i}` })))
    const headers = { 'idempotency-key': 'twice' }
    const [one, other] = await Promise.all([
      send(concert, lines, headers),
      send(concert, lines, headers),
    ])
    const ids = (answers: ImportAnswer[]) => answers.map(({ booking }) => booking?.id)
    t.strictSame(ids(one), ids(other))
    t.equal(new Set(ids(one)).size, 400)
    const { rows } = await api.database.pool.query('SELECT taken FROM events WHERE id = $1', [
      concert,
    ])
    t.strictSame(rows, [{ taken: 400 }])
  })
})

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

t.test('who may import', async (t) => {
  const api = await createTokenApi(t)
  const { ask, send } = importerOf(api)
  const eventId = await api.createEvent(9)
  const lines = linesOf({ user_id: 'ann' })
  const { authorization } = await api.as('ann')
  const withToken = await ask(eventId, lines, { authorization })
  t.equal(withToken.statusCode, 403)
  t.match(withToken.headers['www-authenticate'], /insufficient_scope/)
  t.match(withToken.json(), { error: /^This needs an API key/ })

  const { headers } = await createKey(api.database.pool, {
    tenant: 'acme',
    scopes: ['bookings:write'],
  })
  t.match(await send(eventId, lines, headers), [{ status: 201 }])
  const reader = await createKey(api.database.pool, { tenant: 'acme', scopes: ['bookings:read'] })
  t.equal((await ask(eventId, lines, reader.headers)).statusCode, 403)
  const stranger = await createKey(api.database.pool, { tenant: 'globex', scopes: ['admin'] })
  t.match(
    await send(eventId, lines, stranger.headers),
    [{ status: 404 }],
    'and its key is another one',
  )
})
