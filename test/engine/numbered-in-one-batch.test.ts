import t from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import { Seating } from '../../src/domain/seating/seating.ts'
import { createBatches, historyOf } from '../helpers/batches.ts'
import { NOBODY, plainReserve } from '../helpers/commands.ts'

// What one command of a batch makes and another one of it changes or ends: the history has both, and the
// rows say what is left.

/** A row of so many seats. */
const seatingOf = (to: number) =>
  new Seating({
    sections: [{ key: 'A', pool: null, rows: [{ key: '1', seats: { from: 1, to } }] }],
  })

t.test('what is numbered and blocked in one batch', async (t) => {
  const { pool, run, create, versionOf } = await createBatches(t)

  await t.test('numbered twice; blocked, given back and booked', async (t) => {
    const eventId = await create()
    const ofEvent = { eventId, origin: NOBODY }
    const number = (to: number): Command => ({
      ...{ type: 'set_seating', seating: seatingOf(to), digest: `digest ${to}` },
      ...ofEvent,
    })
    const block = (type: 'block_seats' | 'unblock_seats', ...labels: string[]): Command => ({
      ...{ type, labels },
      ...ofEvent,
    })
    const book = (user: string, label: string) =>
      plainReserve(eventId, user, { lines: [{ ticketType: 'default', seats: 1, labels: [label] }] })
    const first = await run([number(2)], [number(3)], [book('ann', 'A-1-3')])
    t.same(first.words, ['seating', 'seating', 'booking'])
    const { rows } = await pool.query(
      `SELECT e.seating, s.digest, s.document::text LIKE '%"to":3%' AS last
       FROM events e JOIN event_seatings s ON s.event_id = e.id WHERE e.id = $1`,
      [eventId],
    )
    t.same(rows, [{ seating: 'digest 3', digest: 'digest 3', last: true }])
    const { words } = await run(
      [block('block_seats', 'A-1-1', 'A-1-2')],
      [block('unblock_seats', 'A-1-1')],
      [book('bob', 'A-1-1')],
      [book('cid', 'A-1-2')],
    )
    t.same(words, ['done', 'done', 'booking', 'sold_out'])
    const taken = await pool.query(
      `SELECT label, booking_id IS NULL AS blocked FROM taken_seats WHERE event_id = $1 ORDER BY 1`,
      [eventId],
    )
    t.same(taken.rows, [
      { label: 'A-1-1', blocked: false },
      { label: 'A-1-2', blocked: true },
      { label: 'A-1-3', blocked: false },
    ])
    await run([block('unblock_seats', 'A-1-2')])
    const before = await versionOf(eventId)
    const again = await run([block('block_seats', 'A-1-2')], [block('unblock_seats', 'A-1-2')])
    t.same(again.facts, ['seats_blocked', 'seats_unblocked'])
    t.notSame(await versionOf(eventId), before)
    t.same((await run([book('cid', 'A-1-2')])).words, ['booking'], 'and the history goes on')
    t.equal((await historyOf(pool, eventId)).length, 10)
  })
})
