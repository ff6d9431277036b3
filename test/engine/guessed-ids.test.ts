import t from 'tap'
import { cancel, leaveWaitlist, plainReserve } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { hasSucceeded } from '../helpers/outcomes.ts'
import { createEvent } from '../helpers/race.ts'
import { check } from '../life/replay.ts'
import { readSnapshot } from '../life/tables.ts'

t.test('ids that are guessed ahead of their booking overtake nobody', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { reservations } = startEngine(t, url)
  const eventId = await createEvent(pool, 1)
  await reservations.execute(plainReserve(eventId, 'ann'))
  for (const user of ['bob', 'cid', 'dee', 'eve', 'fay']) {
    await reservations.execute(plainReserve(eventId, user, { waitlist: true }))
  }
  const { rows } = await pool.query<{ id: number; next: number; last: number }>(
    `SELECT (SELECT id FROM bookings), last_value::int + 1 AS next,
       (SELECT max(id) FROM waitlist_entries) AS last
     FROM bookings_id_seq`,
  )
  const { id = 0, next = 0, last = 0 } = rows[0] ?? {}
  // In one batch: the booking that there is, and those that its promotions are going to make.
  const guesses = Array.from({ length: 6 }, (_, i) => next + i)
  const commands = [
    leaveWaitlist(eventId, 0),
    ...[id, ...guesses].map((bookingId) => cancel(eventId, bookingId)),
    leaveWaitlist(eventId, last),
  ]
  const answers = await Promise.all(commands.map((command) => reservations.execute(command)))
  const [, cancelled] = answers
  t.ok(cancelled && hasSucceeded(cancelled), 'what there is is cancelled')
  const snapshot = await readSnapshot(pool, eventId, 1)
  check(snapshot)
  t.equal(snapshot.bookings[0]?.user, 'bob', 'the first in line is served, and keeps the seat')
})
