import t from 'tap'
import { cancel, confirm, extend, plainReserve, resize, settle } from '../helpers/commands.ts'
import { createBatches, endedOf } from '../helpers/batches.ts'

// What one command of a batch makes and another one of it changes or ends: the history has both, and the
// rows say what is left.

t.test('what is changed, taken again or ended in one batch', async (t) => {
  const { pool, run, create, bookingsOf } = await createBatches(t)

  await t.test('a hold that is extended and released has the expiry that it had', async (t) => {
    const eventId = await create()
    await run([plainReserve(eventId, 'ann', { hold: true })])
    await pool.query(
      `UPDATE bookings SET created_at = created_at - interval '1 minute',
         expires_at = created_at + interval '5 minutes' WHERE event_id = $1`,
      [eventId],
    )
    const [ann] = await bookingsOf(eventId)
    const { facts } = await run([extend(eventId, ann?.id ?? 0)], [cancel(eventId, ann?.id ?? 0)])
    t.same(facts, ['extended', 'released'])
    t.match(await endedOf(pool, eventId), [{ reason: 'released', expires: /^66\d$/ }])
  })

  await t.test('taken again and changed', async (t) => {
    const eventId = await create()
    await run([plainReserve(eventId, 'ann', { hold: true, metadata: { order: 1 } })])
    const [ann] = await bookingsOf(eventId)
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
    const id = (await bookingsOf(eventId))[0]?.id ?? 0
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
})
