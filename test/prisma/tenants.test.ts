import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { createKey } from '../helpers/keys.ts'
import { createEvent } from '../helpers/race.ts'

// The promise: whose a thing is holds whoever writes, and an event that is given away goes as a whole.

t.test("what the predecessor's statements make is the default tenant's", async (t) => {
  const { pool } = await createTestDatabase(t)
  const made = await pool.query<{ id: number; tenant_id: string }>(
    `INSERT INTO events (name, total_seats) VALUES ('Concert', 2) RETURNING id, tenant_id`,
  )
  const id = made.rows[0]?.id
  t.equal(made.rows[0]?.tenant_id, 'default')
  const booked = await pool.query<{ tenant_id: string }>(
    `INSERT INTO bookings (event_id, user_id) VALUES ($1, 'ann') RETURNING tenant_id`,
    [id],
  )
  t.equal(booked.rows[0]?.tenant_id, 'default')
  await pool.query('DELETE FROM bookings; DELETE FROM events;')
})

t.test('a booking is of its event’s tenant, whoever writes', async (t) => {
  const { pool } = await createTestDatabase(t)
  const id = await createEvent(pool, 5)
  await pool.query(`UPDATE events SET tenant_id = 'acme' WHERE id = $1`, [id])
  const book = (tenant: string) =>
    pool.query(`INSERT INTO bookings (event_id, tenant_id, user_id) VALUES ($1, $2, 'ann')`, [
      id,
      tenant,
    ])
  const ofForeignKey = { code: '23503', constraint: 'bookings_event_id_tenant_id_fkey' }
  await t.rejects(book('default'), ofForeignKey)
  await t.rejects(
    pool.query(`INSERT INTO bookings (event_id, user_id) VALUES ($1, 'ann')`, [id]),
    ofForeignKey,
    'nor is one that says nothing taken for the default tenant’s',
  )
  await book('acme')
  await t.rejects(pool.query(`UPDATE bookings SET tenant_id = 'default'`), ofForeignKey)
})

t.test('an event that is given to another tenant takes all along', async (t) => {
  const api = await createApi(t, { AUTH: 'keys' })
  const { pool } = api.database
  const [acme, zenith] = [
    await createKey(pool, { tenant: 'acme' }),
    await createKey(pool, { tenant: 'zenith' }),
  ]
  const asAcme = (url: string) => api.ask('GET', url, undefined, acme.headers)
  const asZenith = (url: string) => api.ask('GET', url, undefined, zenith.headers)
  const event = { name: 'Concert', total_seats: 1 }
  const { body: made } = await api.ask('POST', '/events', event, acme.headers)
  const id = Number(made.id)
  const reserve = (user_id: string) =>
    api.ask('POST', '/bookings/reserve', { event_id: id, user_id, waitlist: true }, acme.headers)
  const { body: booked } = await reserve('ann')
  const { body: waiting } = await reserve('bob')
  const urls = [
    `/events/${id}`,
    '/events?name=concert',
    `/bookings/${booked.booking.id}`,
    '/bookings?user_id=ann',
    '/bookings',
    `/bookings?event_id=${id}`,
    `/waitlist/${waiting.waitlist_entry.id}`,
    `/events/${id}/waitlist`,
    `/events/${id}/history`,
  ]
  const [before, nothing] = [
    await Promise.all(urls.map(asAcme)),
    await Promise.all(urls.map(asZenith)),
  ]
  t.ok(before.every(({ status }) => status === 200))
  await pool.query(`UPDATE events SET tenant_id = 'zenith' WHERE id = $1`, [id])
  const bodiesOf = (answers: readonly { body: unknown }[]) => answers.map(({ body }) => body)
  const after = await Promise.all(urls.map(asZenith))
  t.same(bodiesOf(after), bodiesOf(before), 'all of it is the new tenant’s')
  t.same(bodiesOf(await Promise.all(urls.map(asAcme))), bodiesOf(nothing), 'and not the old one’s')

  const { status } = await api.ask(
    'DELETE',
    `/bookings/${booked.booking.id}`,
    undefined,
    zenith.headers,
  )
  t.equal(status, 204, 'it goes on')
  const { body: history } = await asZenith(`/events/${id}/history`)
  const facts: readonly object[] = history.history
  t.match(facts.at(-1), { type: 'promoted', user_id: 'bob', actor: zenith.id })
})
