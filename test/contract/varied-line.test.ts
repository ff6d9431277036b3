import t from 'tap'
import { createApi } from '../helpers/api.ts'

const PROBLEM = { accept: 'application/problem+json' }
const KINDS = 1000

t.test('at most a thousand different things are waited for at an event', async (t) => {
  const { ask, createEvent, database } = await createApi(t)
  const eventId = await createEvent({
    total_seats: KINDS,
    max_seats_per_booking: KINDS,
    pools: [{ key: 'front', capacity: KINDS }],
    ticket_types: [
      { key: 'front', name: 'Front', pools: ['front'] },
      { key: 'back', name: 'Back', pools: [] },
    ],
  })
  const reserve = (user: string, type: string, seats: number, waitlist = true) => {
    const lines = [{ ticket_type: type, seats }]
    const asked = { event_id: eventId, user_id: user, lines, waitlist }
    return ask('POST', '/bookings/reserve', asked, PROBLEM)
  }
  t.equal((await reserve('all', 'front', KINDS)).status, 201)
  await database.pool.query(
    `INSERT INTO waitlist_entries (event_id, user_id, seats, lines)
     SELECT $1, 'user ' || n, n, jsonb_build_array(jsonb_build_object(
       'ticket_type', 'front', 'seats', n, 'pools', jsonb_build_array('front')))
     FROM generate_series(1, $2::int) AS n`,
    [eventId, KINDS],
  )

  const refused = { status: 409, body: { code: 'waitlist_too_varied', title: 'Conflict' } }
  t.match(await reserve('zoe', 'back', 1), refused)
  t.match(await reserve('zoe', 'back', 1, false), { status: 409, body: { code: 'sold_out' } })
  const { body } = await ask('GET', `/events/${eventId}`)
  t.match(body, { waitlist_length: KINDS }, 'nobody has joined')
  t.match(await reserve('zoe', 'front', 7), { status: 202 }, 'somebody waits for that already')
  t.match(await reserve('yan', 'back', 1), refused)
  const { rows } = await database.pool.query<{ id: number }>(
    'SELECT id FROM waitlist_entries WHERE event_id = $1 AND user_id = $2',
    [eventId, 'user 9'],
  )
  t.equal((await ask('DELETE', `/waitlist/${rows[0]?.id}`)).status, 204)
  t.match(await reserve('yan', 'back', 1), { status: 202 }, 'one kind is gone')
})
