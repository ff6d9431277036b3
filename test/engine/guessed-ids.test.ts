import t from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { createEngine, plainReserve } from '../helpers/engine.ts'
import { createEvent } from '../helpers/race.ts'
import { check } from '../life/replay.ts'
import { readSnapshot } from '../life/tables.ts'

t.test('ids that are guessed ahead of their booking overtake nobody', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const engine = createEngine(t, url)
  const eventId = await createEvent(pool, 1)
  await engine.execute(plainReserve(eventId, 'ann'))
  for (const user of ['bob', 'cid', 'dee', 'eve', 'fay']) {
    await engine.execute(plainReserve(eventId, user, { waitlist: true }))
  }
  const { rows } = await pool.query<{ id: number; next: number; last: number }>(
    `SELECT (SELECT id FROM bookings), last_value::int + 1 AS next,
       (SELECT max(id) FROM waitlist_entries) AS last
     FROM bookings_id_seq`,
  )
  const { id = 0, next = 0, last = 0 } = rows[0] ?? {}
  // In one batch: the booking that there is, and those that its promotions are going to make.
  const guesses = Array.from({ length: 6 }, (_, i) => next + i)
  const commands: Command[] = [
    { type: 'leave_waitlist', eventId, entryId: 0, requestId: null },
    ...[id, ...guesses].map((bookingId): Command => {
      return { type: 'cancel', eventId, bookingId, requestId: null }
    }),
    { type: 'leave_waitlist', eventId, entryId: last, requestId: null },
  ]
  const answers = await Promise.all(commands.map((command) => engine.execute(command)))
  t.match(answers[1], { outcome: { ok: true } }, 'what there is is cancelled')
  check(await readSnapshot(pool, eventId, 1))
  const snapshot = await readSnapshot(pool, eventId, 1)
  t.equal(snapshot.bookings[0]?.user, 'bob', 'the first in line is served, and keeps the seat')
})
