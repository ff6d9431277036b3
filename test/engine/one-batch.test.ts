import type pg from 'pg'
import t from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import { Seating } from '../../src/domain/seating/seating.ts'
import {
  NOBODY,
  cancel,
  cancelOfUser,
  confirm,
  extend,
  plainReserve,
  resize,
  settle,
} from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startBatches } from '../helpers/one-batch.ts'
import { createEvent, seatsOf } from '../helpers/race.ts'

// What one command of a batch makes and another one of it changes or ends: the history has both, and the
// rows say what is left.

interface EndedRow {
  id: number
  user_id: string
  reason: string
  seats: number
  metadata: object | null
  expires: string | null
  made: boolean
}

/** What is remembered of bookings that have ended, by their ids. */
async function endedOf(pool: pg.Pool, eventId: number): Promise<EndedRow[]> {
  const { rows } = await pool.query<EndedRow>(
    `SELECT booking_id::int AS id, user_id, reason, seats, metadata, created_at IS NOT NULL AS made,
       round(extract(epoch FROM expires_at - created_at))::text AS expires
     FROM expired_holds WHERE event_id = $1 ORDER BY booking_id`,
    [eventId],
  )
  return rows
}

/** The types of the facts of an event with the bookings that they name; the numbers have no gap. */
async function historyOf(pool: pg.Pool, eventId: number): Promise<[string, number | null][]> {
  const { rows } = await pool.query<{ type: string; id: number | null; isNext: boolean }>(
    `SELECT c.change->>'type' AS type, (c.change->>'booking_id')::int AS id,
       h.last_sequence - h.first_sequence + 1 = json_array_length(h.changes) AND h.first_sequence
         = 1 + COALESCE((SELECT max(b.last_sequence) FROM event_history b
           WHERE b.event_id = h.event_id AND b.last_sequence < h.first_sequence), 0) AS "isNext"
     FROM event_history h CROSS JOIN LATERAL json_array_elements(h.changes)
       WITH ORDINALITY AS c(change, place)
     WHERE h.event_id = $1 ORDER BY h.first_sequence, c.place`,
    [eventId],
  )
  if (!rows.every(({ isNext }) => isNext)) throw new Error('the history has a gap')
  return rows.map(({ type, id }) => [type, id])
}

/** A row of so many seats. */
const seatingOf = (to: number) =>
  new Seating({
    sections: [{ key: 'A', pool: null, rows: [{ key: '1', seats: { from: 1, to } }] }],
  })

t.test('what is made and changed, or ended, in one batch', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const run = startBatches(t, url)
  const create = (settings = {}) => createEvent(pool, 3, { maxSeatsPerBooking: 3, ...settings })
  const versionOf = async (eventId: number) =>
    (await pool.query<{ ctid: string }>('SELECT ctid::text FROM events WHERE id = $1', [eventId]))
      .rows
  const idsOf = async (eventId: number) =>
    (
      await pool.query<{ id: number; user_id: string; seats: number }>(
        'SELECT id::int, user_id, seats FROM bookings WHERE event_id = $1 ORDER BY id',
        [eventId],
      )
    ).rows

  await t.test('booked and cancelled, and booked anew', async (t) => {
    const eventId = await create()
    const metadata = { order: 7 }
    const { words, facts } = await run(
      [plainReserve(eventId, 'ann', { seats: 3, metadata }), 'one'],
      [plainReserve(eventId, 'bob')],
      [cancelOfUser(eventId, 'ann'), 'two'],
      [plainReserve(eventId, 'ann', { seats: 2 }), 'three'],
    )
    t.same(words, ['booking', 'sold_out', 'done', 'booking'])
    t.same(facts, ['booked', 'cancelled', 'booked'])
    const [ann] = await idsOf(eventId)
    t.match(ann, { user_id: 'ann', seats: 2 })
    const [first, ended, last] = (await historyOf(pool, eventId)).map(([, id]) => id ?? 0)
    t.same([ended, last], [first, ann?.id], 'each under its own id')
    t.not(first, last)
    t.match(await endedOf(pool, eventId), [
      {
        ...{ id: first, user_id: 'ann', reason: 'cancelled', seats: 3, metadata, expires: null },
        made: true,
      },
    ])
    t.same(await seatsOf(pool, eventId), { rows: 1, users: 1, taken: 2 })
    const { rows: stored } = await pool.query<{ id: string }>(
      "SELECT response->>-1 AS id FROM idempotency_keys WHERE key IN ('one', 'three') ORDER BY key",
    )
    t.same(
      stored.map(({ id }) => Number(id)),
      [first, last],
    )
    const again = await run(
      [plainReserve(eventId, 'ann', { seats: 3, metadata }), 'one'],
      [cancelOfUser(eventId, 'ann'), 'two'],
    )
    t.same([again.words, again.facts], [['booking', 'done'], []], 'each is told what came of it')
  })

  await t.test('alone, so that no row is left of it', async (t) => {
    const eventId = await create()
    const before = await versionOf(eventId)
    const held = plainReserve(eventId, 'ann', { hold: true })
    t.same((await run([held], [cancelOfUser(eventId, 'ann')])).facts, ['held', 'released'])
    t.notSame(
      await versionOf(eventId),
      before,
      'who waits for the lock sees that something has changed',
    )
    t.match(await endedOf(pool, eventId), [{ reason: 'released', expires: '600', seats: 1 }])
    t.same((await run([held])).words, ['booking'])
    t.same(
      (await historyOf(pool, eventId)).map(([type]) => type),
      ['held', 'released', 'held'],
    )
  })

  await t.test('promoted by the batch, and cancelled', async (t) => {
    const eventId = await create()
    await run([plainReserve(eventId, 'max', { seats: 3, hold: true })])
    await run([plainReserve(eventId, 'ann', { waitlist: true })])
    await pool.query('UPDATE bookings SET expires_at = now() WHERE event_id = $1', [eventId])
    const { words, facts } = await run([cancelOfUser(eventId, 'ann')])
    t.same([words, facts], [['done'], ['expired', 'promoted', 'cancelled']])
    t.same(await seatsOf(pool, eventId), { rows: 0, users: 0, taken: 0 })
    t.match(
      (await endedOf(pool, eventId)).map(({ user_id, reason }) => [user_id, reason]),
      [
        ['max', 'expired'],
        ['ann', 'cancelled'],
      ],
    )
  })

  await t.test('joined, promoted and cancelled', async (t) => {
    const eventId = await create()
    const max = plainReserve(eventId, 'max', { seats: 3 })
    const { words, facts } = await run(
      [max],
      [plainReserve(eventId, 'ann', { waitlist: true }), 'joined'],
      [cancelOfUser(eventId, 'max')],
      [cancelOfUser(eventId, 'ann')],
    )
    t.same(words, ['booking', 'waiting', 'done', 'done'])
    t.same(facts, ['booked', 'waitlisted', 'cancelled', 'promoted', 'cancelled'])
    const { rows } = await pool.query('SELECT FROM waitlist_entries WHERE event_id = $1', [eventId])
    t.same(rows, [])
    t.same((await run([max])).words, ['booking'], 'and the history goes on')
    t.equal((await historyOf(pool, eventId)).length, 6)
  })

  await t.test('a hold that is extended and released has the expiry that it had', async (t) => {
    const eventId = await create()
    await run([plainReserve(eventId, 'ann', { hold: true })])
    await pool.query(
      `UPDATE bookings SET created_at = created_at - interval '1 minute',
         expires_at = created_at + interval '5 minutes' WHERE event_id = $1`,
      [eventId],
    )
    const [ann] = await idsOf(eventId)
    const { facts } = await run([extend(eventId, ann?.id ?? 0)], [cancel(eventId, ann?.id ?? 0)])
    t.same(facts, ['extended', 'released'])
    t.match(await endedOf(pool, eventId), [{ reason: 'released', expires: /^66\d$/ }])
  })

  await t.test('taken again and changed', async (t) => {
    const eventId = await create()
    await run([plainReserve(eventId, 'ann', { hold: true, metadata: { order: 1 } })])
    const [ann] = await idsOf(eventId)
    const id = ann?.id ?? 0
    await pool.query('UPDATE bookings SET expires_at = now() WHERE event_id = $1', [eventId])
    await run([settle(eventId)])
    const { words } = await run(
      [confirm(eventId, id, true)],
      [resize(eventId, id, undefined, { order: 2 })],
      [resize(eventId, id, 2)],
      [cancel(eventId, id)],
    )
    t.same(words, ['booking', 'booking', 'booking', 'later'], 'its row has to be there to end')
    const { rows } = await pool.query('SELECT seats, metadata FROM bookings WHERE id = $1', [id])
    t.same(rows, [{ seats: 2, metadata: { order: 2 } }])
    t.same(await endedOf(pool, eventId), [])
    await run([resize(eventId, id, undefined, {})], [resize(eventId, id, 3)])
    const bare = await pool.query('SELECT seats, metadata FROM bookings WHERE id = $1', [id])
    t.same(bare.rows, [{ seats: 3, metadata: null }])
    t.same((await run([cancel(eventId, id)])).words, ['done'])
  })

  await t.test('taken again where an earlier booking had the same id', async (t) => {
    const eventId = await create()
    await run([plainReserve(eventId, 'ann', { hold: true, metadata: { order: 1 } })])
    const id = (await idsOf(eventId))[0]?.id ?? 0
    await pool.query('UPDATE bookings SET expires_at = now() WHERE event_id = $1', [eventId])
    await run([settle(eventId)])
    // As after TRUNCATE … RESTART IDENTITY: in each slot of the ring there may be one.
    for (const [reason, age] of [
      ['cancelled', '1 day'],
      ['expired', '2 days'],
    ]) {
      await pool.query(
        `INSERT INTO expired_holds (booking_id, event_id, tenant_id, user_id, reason, seats, expired_at, slot)
         SELECT booking_id, event_id, tenant_id, 'other', $2, 2, expired_at - $3::interval, (
           SELECT min(s) FROM generate_series(0, 2) AS s WHERE NOT EXISTS (
             SELECT FROM expired_holds AS o WHERE o.booking_id = h.booking_id AND o.slot = s))
         FROM expired_holds AS h WHERE booking_id = $1 AND reason = 'expired'`,
        [id, reason, age],
      )
    }
    const { words } = await run([confirm(eventId, id, true)])
    t.same(words, ['booking'])
    const { rows } = await pool.query(
      'SELECT user_id, seats, metadata FROM bookings WHERE id = $1',
      [id],
    )
    t.same(rows, [{ user_id: 'ann', seats: 1, metadata: { order: 1 } }])
    const left = (await endedOf(pool, eventId)).map(({ user_id, reason }) => [user_id, reason])
    t.same(left.sort(), [
      ['other', 'cancelled'],
      ['other', 'expired'],
    ])
  })

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
