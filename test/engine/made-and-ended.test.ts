import t from 'tap'
import { cancelOfUser, plainReserve } from '../helpers/commands.ts'
import { createBatches, endedOf, historyOf } from '../helpers/batches.ts'
import { seatsOf } from '../helpers/race.ts'

// What one command of a batch makes and another one of it changes or ends: the history has both, and the
// rows say what is left.

t.test('what is made and ended in one batch', async (t) => {
  const { pool, run, create, versionOf, bookingsOf } = await createBatches(t)

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
    const [ann] = await bookingsOf(eventId)
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
    const metadata = { order: 7 }
    await run([plainReserve(eventId, 'ann', { waitlist: true, metadata })])
    await pool.query('UPDATE bookings SET expires_at = now() WHERE event_id = $1', [eventId])
    const { words, facts } = await run([cancelOfUser(eventId, 'ann')])
    t.same([words, facts], [['done'], ['expired', 'promoted', 'cancelled']])
    t.same(await seatsOf(pool, eventId), { rows: 0, users: 0, taken: 0 })
    t.strictSame(
      (await endedOf(pool, eventId)).map(({ user_id, reason, metadata: had }) => [
        ...[user_id, reason, had],
      ]),
      [
        ['max', 'expired', null],
        ['ann', 'cancelled', metadata],
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
})
