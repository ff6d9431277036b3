import t from 'tap'
import { referenceOf } from '../../src/domain/reference.ts'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'

const URL = '/api/bookings/reserve'
const REQUIRED = 'event_id and user_id are required'
const EVENT_RULE = 'event_id must be an integer between 1 and 2147483647'
const USER_RULE = 'user_id must be a string of 1 to 255 characters without control characters'

t.test('POST /api/bookings/reserve', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database })

  async function createEvent(totalSeats: number): Promise<number> {
    const { rows } = await database.pool.query<{ id: number }>(
      `INSERT INTO events (name, total_seats) VALUES ('Concert', $1) RETURNING id`,
      [totalSeats],
    )
    return rows[0]?.id ?? 0
  }

  async function reserve(payload?: unknown) {
    const body = payload === undefined ? {} : { payload: JSON.stringify(payload) }
    const headers = payload === undefined ? {} : { 'content-type': 'application/json' }
    const response = await app.inject({ method: 'POST', url: URL, headers, ...body })
    return { status: response.statusCode, body: response.json<unknown>(), raw: response }
  }

  async function refuses(payload: unknown, text: string, status = 400): Promise<void> {
    const response = await reserve(payload)
    t.equal(response.status, status, JSON.stringify(payload))
    t.strictSame(response.body, { error: text })
  }

  await t.test('201 with the contract’s members, and those of a booking’s life', async (t) => {
    const eventId = await createEvent(2)
    const { status, body, raw } = await reserve({ event_id: eventId, user_id: 'user123' })
    t.equal(status, 201)
    t.match(raw.headers['content-type'], 'application/json')
    const { rows } = await database.pool.query<{ id: number; created_at: Date }>(
      'SELECT id, created_at FROM bookings WHERE event_id = $1',
      [eventId],
    )
    t.strictSame(body, {
      message: 'Booking reserved successfully',
      booking: {
        id: rows[0]?.id,
        event_id: eventId,
        user_id: 'user123',
        seats: 1,
        lines: [{ ticket_type: 'default', seats: 1, labels: [] }],
        status: 'confirmed',
        expires_at: null,
        created_at: rows[0]?.created_at.toISOString(),
        reference: referenceOf(rows[0]?.id ?? 0),
        metadata: {},
      },
    })
  })

  await t.test('404 for an unknown event', async () => {
    await refuses({ event_id: 2_147_483_647, user_id: 'ann' }, 'Event not found', 404)
  })

  await t.test('409 for a second booking, checked before the seats', async () => {
    const eventId = await createEvent(1)
    await reserve({ event_id: eventId, user_id: 'ann' })
    const text = 'User already booked for this event'
    await refuses({ event_id: eventId, user_id: 'ann' }, text, 409)
    await refuses({ event_id: eventId, user_id: 'bob' }, 'No seats available', 409)
  })

  await t.test('409 where the event has no seats at all', async () => {
    const eventId = await createEvent(0)
    await refuses({ event_id: eventId, user_id: 'ann' }, 'No seats available', 409)
  })

  await t.test(
    '400 where something is missing, null or empty, also beside what is wrong',
    async () => {
      const bodies: unknown[] = [undefined, {}, { event_id: 1 }, { user_id: 'ann' }]
      for (const nothing of [null, '']) {
        bodies.push({ event_id: nothing, user_id: 'ann' }, { event_id: 1, user_id: nothing })
        bodies.push({ event_id: 'x', user_id: nothing }, { event_id: nothing, user_id: 7 })
      }
      bodies.push(null, [], 'text', 7, true)
      for (const body of bodies) await refuses(body, REQUIRED)
    },
  )

  await t.test('400 for an empty body that says it is JSON', async (t) => {
    const headers = { 'content-type': 'application/json' }
    const response = await app.inject({ method: 'POST', url: URL, headers })
    t.equal(response.statusCode, 400)
    t.strictSame(response.json(), { error: REQUIRED })
  })

  await t.test('400 for an event_id that is no id; nothing is coerced', async () => {
    for (const eventId of ['1', 1.5, true, false, 0, -1, 2_147_483_648, 1e300, [1], { id: 1 }]) {
      await refuses({ event_id: eventId, user_id: 'ann' }, EVENT_RULE)
    }
  })

  await t.test('400 for a user_id that is no string, too long or not to be stored', async () => {
    const wrong = [7, true, ['ann'], {}, 'x'.repeat(256), '😀'.repeat(256)]
    const control = ['a\0b', 'a\n', '\t', '\u001f', '\u007f', '\u0085', '\u009f']
    const surrogates = ['\ud800', 'a\udfff', '\udc00\ud800']
    for (const userId of [...wrong, ...control, ...surrogates]) {
      await refuses({ event_id: 1, user_id: userId }, USER_RULE)
    }
  })

  await t.test('201 for a user_id of any other characters, kept as they are', async (t) => {
    const eventId = await createEvent(10)
    for (const userId of [
      'x',
      ' x ',
      'x'.repeat(255),
      '😀'.repeat(255),
      "'; --",
      'ä\u0308\u202e',
      '0',
    ]) {
      const { status, body } = await reserve({ event_id: eventId, user_id: userId })
      t.equal(status, 201)
      t.match(body, { booking: { user_id: userId } })
    }
  })

  await t.test('unknown members are ignored', async (t) => {
    const eventId = await createEvent(1)
    const { status } = await reserve({ event_id: eventId, user_id: 'ann', note: [1], id: 7 })
    t.equal(status, 201)
  })

  await t.test('a trailing slash is forgiven', async (t) => {
    const payload = { event_id: await createEvent(1), user_id: 'ann' }
    const response = await app.inject({ method: 'POST', url: `${URL}/`, payload })
    t.equal(response.statusCode, 201)
  })
})
