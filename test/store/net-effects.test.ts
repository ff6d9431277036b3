import t from 'tap'
import { cancel, cancelOfUser, changeEvent, confirm, NOBODY, resize } from '../helpers/commands.ts'
import { createWorld, leftOf, OFFER } from '../helpers/seat-world.ts'

// The promise: what commands of one batch undo and do again, the rows come to as if each had had a
// transaction of its own.

t.test('a seat that is blocked again, of another pool', async (t) => {
  const world = await createWorld(t)
  const { before, together, block, unblock, setSeating } = world
  await before(block('A-1-1', 'A-1-2'))
  const both = ['A-1-1', 'A-1-2']
  t.same(await together(unblock(...both), setSeating('b'), block('A-1-1')), [
    ...['done', 'seating', 'done'],
  ])
  t.equal(await leftOf(world), 'A-1-1 blocked of b; event 0+1; a 0+0/4, b 0+1/4')
  t.same(await together(unblock('A-1-1'), block('A-1-1')), ['done', 'done'], 'of the same pool')
  t.equal(await leftOf(world), 'A-1-1 blocked of b; event 0+1; a 0+0/4, b 0+1/4')
  t.same(await together(block('A-1-3'), unblock('A-1-3', 'A-1-1'), block('A-1-4')), [
    ...['done', 'done', 'done'],
  ])
  t.equal(await leftOf(world), 'A-1-4 blocked of b; event 0+1; a 0+0/4, b 0+1/4')
  // The control: the counters of both pools can be taken back.
  t.same(await together(unblock('A-1-4')), ['done'])
  t.equal(await leftOf(world), 'event 0+0; a 0+0/4, b 0+0/4')
})

t.test('a pool that goes once nothing is blocked of it', async (t) => {
  const world = await createWorld(t)
  const { before, together, block, unblock, setSeating, eventId } = world
  await before(block('A-1-1'))
  const [, b] = OFFER.pools
  const onlyB = { pools: [b ?? fail()], ticketTypes: OFFER.ticketTypes.slice(1) }
  const commands = [unblock('A-1-1'), setSeating('b'), block('A-1-1'), changeEvent(eventId, onlyB)]
  t.same(await together(...commands), ['done', 'seating', 'done', 'event'])
  t.equal(await leftOf(world), 'A-1-1 blocked of b; event 0+1; b 0+1/4')
})

t.test('a seating that is taken away, and set again', async (t) => {
  const world = await createWorld(t)
  const { together, setSeating, reserve, pool, eventId } = world
  const remove = { type: 'remove_seating', eventId, origin: NOBODY } as const
  const seatings = async () => {
    const { rows } = await pool.query<{ seating: string }>(
      `SELECT concat(e.seating, ', ', s.digest) AS seating
       FROM events e LEFT JOIN event_seatings s ON s.event_id = e.id`,
    )
    return rows[0]?.seating
  }
  t.same(await together(remove, remove, setSeating('a'), reserve('ann', 'A-1-1')), [
    ...['done', 'seating_not_found', 'seating', 'booking'],
  ])
  t.equal(await seatings(), 'all a, all a')
  t.equal(await leftOf(world), 'A-1-1 ann; event 1+0; a 1+0/4, b 0+0/4')
  const both = [remove, cancelOfUser(eventId, 'ann'), setSeating('b'), remove]
  t.same(await together(...both), ['seats_taken', 'done', 'seating', 'done'])
  t.equal(await seatings(), ', ')
})

t.test('a seat that is given up by one, and taken by the next', async (t) => {
  const world = await createWorld(t)
  const { before, together, reserve, move, block, unblock, eventId } = world
  const ann = await before(reserve('ann', 'A-1-1'))
  const bob = await before(reserve('bob', 'A-1-2'))
  t.same(await together(cancel(eventId, ann), move(bob, 'A-1-1'), reserve('cid', 'A-1-2')), [
    ...['done', 'booking', 'booking'],
  ])
  t.equal(await leftOf(world), 'A-1-1 bob, A-1-2 cid; event 2+0; a 2+0/4, b 0+0/4')
  t.same(
    await together(move(bob, 'A-1-3'), block('A-1-1'), unblock('A-1-1'), reserve('dee', 'A-1-1')),
    ['booking', 'done', 'done', 'booking'],
  )
  t.equal(await leftOf(world), 'A-1-1 dee, A-1-2 cid, A-1-3 bob; event 3+0; a 3+0/4, b 0+0/4')
})

t.test('a booking that is made, and cancelled by its user at once', async (t) => {
  const world = await createWorld(t)
  const { together, reserve, eventId } = world
  const commands = [reserve('ann', 'A-1-1'), cancelOfUser(eventId, 'ann'), reserve('bob', 'A-1-2')]
  t.same(await together(...commands), ['booking', 'done', 'booking'])
  t.equal(await leftOf(world), 'A-1-2 bob; event 1+0; a 1+0/4, b 0+0/4')
})

t.test('a booking whose seats are taken again, and that is changed at once', async (t) => {
  const world = await createWorld(t)
  const { before, together, reserve, move, eventId, pool } = world
  const held = { ...reserve('ann', 'A-1-1'), hold: true, metadata: { order: 1 } }
  const ann = await before(held)
  await pool.query(
    `UPDATE bookings SET created_at = now() - interval '1 hour', expires_at = now() - interval '1 s'`,
  )
  await before({ type: 'settle', eventId, origin: NOBODY })
  t.equal(await leftOf(world), 'event 0+0; a 0+0/4, b 0+0/4')
  const commands = [
    confirm(eventId, ann, true),
    resize(eventId, ann, undefined, { order: 2 }),
    move(ann, 'A-1-2', 'A-1-3'),
    reserve('bob', 'A-1-1'),
  ]
  t.same(await together(...commands), ['booking', 'booking', 'booking', 'booking'])
  t.equal(await leftOf(world), 'A-1-1 bob, A-1-2 ann, A-1-3 ann; event 3+0; a 3+0/4, b 0+0/4')
  const { rows } = await pool.query('SELECT status, metadata FROM bookings WHERE id = $1', [ann])
  t.same(rows, [{ status: 'confirmed', metadata: { order: 2 } }])
})

function fail(): never {
  throw new RangeError('there are two pools')
}
