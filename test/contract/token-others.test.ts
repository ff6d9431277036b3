import t, { type Test } from 'tap'
import type { ApiAnswer } from '../helpers/api.ts'
import { createTokenApi } from '../helpers/token-api.ts'

const NOBODY = Number.MAX_SAFE_INTEGER

/** All of an answer that a client could tell it from another by, but for the request's own id. */
function tellable({ status, headers, body }: ApiAnswer): object {
  return { status, headers: { ...headers, 'x-request-id': null, date: null }, body }
}

t.test("what is another's is answered like what never was", async (t) => {
  const { as, createEvent, expire, database } = await createTokenApi(t)
  const [ann, bob] = [await as('ann'), await as('bob')]

  /** Asks for both, as bob, and compares all that he is told. */
  async function compare(
    t: Test,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
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
