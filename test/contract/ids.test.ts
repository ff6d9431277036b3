import t from 'tap'
import { createApi } from '../helpers/api.ts'

t.test('a request that is refused uses up no id', async (t) => {
  const { ask, createEvent, reserve, database } = await createApi(t)
  const full = await createEvent({ total_seats: 2, max_seats_per_booking: 2 })
  const first = await reserve(full, 'ann', { seats: 2 })
  const line = await reserve(full, 'bob', { waitlist: true })

  const refused = await Promise.all([
    ...Array.from({ length: 100 }, (_, i) => reserve(full, `a ${i}`, { seats: 2 })),
    ...Array.from({ length: 100 }, () => reserve(full, 'bob', { waitlist: true })),
    ...Array.from({ length: 100 }, (_, i) =>
      ask(
        'POST',
        '/bookings/reserve',
        { event_id: full, user_id: 'ann' },
        { 'idempotency-key': `k${i}` },
      ),
    ),
  ])
  t.same([...new Set(refused.map(({ status }) => status))], [409])

  // A request that is repeated under its key, likewise.
  const open = await createEvent({ total_seats: 2 })
  const repeated = await Promise.all(
    Array.from({ length: 20 }, () =>
      ask(
        'POST',
        '/bookings/reserve',
        { event_id: open, user_id: 'cid' },
        { 'idempotency-key': 'once' },
      ),
    ),
  )
  t.same([...new Set(repeated.map(({ body }) => Number(body.booking.id)))].length, 1)

  const { rows } = await database.pool.query<{ booking: number; entry: number; event: number }>(`
    SELECT (SELECT last_value FROM bookings_id_seq) AS booking,
      (SELECT last_value FROM waitlist_entries_id_seq) AS entry,
      (SELECT last_value FROM events_id_seq) AS event`)
  t.same([first.body.booking.id, line.body.waitlist_entry.id], [1, 1])
  t.same(rows, [{ booking: 2, entry: 1, event: 2 }])
})

t.test('events that are refused use up no id', async (t) => {
  const { ask, createEvent } = await createApi(t)
  const window = {
    sales_start_at: '2026-02-01T00:00:00Z',
    sales_end_at: '2026-01-01T00:00:00Z',
  }
  const bad = await ask('POST', '/events', { name: 'Never', total_seats: 1, ...window })
  t.match(bad, { status: 400, body: { error: 'sales_start_at must be before sales_end_at' } })
  t.equal(await createEvent(), 1)
})
