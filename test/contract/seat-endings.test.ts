import t from 'tap'
import { best, line } from '../helpers/hall.ts'
import { createSeatsApi, labelsIn } from '../helpers/seats.ts'

t.test('seats whose holder goes', async (t) => {
  const { ask, reserve, expire, labelsOf, change, settle, createHall } = await createSeatsApi(t)

  await t.test('the seats of a hold that has expired are free at once', async (t) => {
    const eventId = await createHall()
    const hold = { lines: [line('box', ['B-1-1', 'B-1-2'])], hold: true }
    const held = await reserve(eventId, 'ann', hold)
    t.strictSame(await labelsOf(eventId, '?status=held'), ['B-1-1', 'B-1-2'])
    await expire(held.body.booking.id)
    t.equal((await labelsOf(eventId, '?status=free')).length, 12)
    const named = await reserve(eventId, 'bob', { lines: [line('box', ['B-1-2'])] })
    t.equal(named.status, 201)
    t.strictSame(labelsIn(await reserve(eventId, 'cid', { lines: [best('box', 1)] })), [['B-1-1']])
  })

  await t.test('a late payment gets the same seats again, or none', async (t) => {
    for (const isSwept of [true, false]) {
      const eventId = await createHall()
      const lines = [line('stalls', ['A-1-1', 'A-1-2']), line('box', ['B-1-1'])]
      const { booking } = (await reserve(eventId, 'ann', { lines, hold: true })).body
      const confirm = () => ask('POST', `/bookings/${booking.id}/confirm`, { reacquire: true })
      await expire(booking.id)
      if (isSwept) await settle(eventId)
      const bob = await reserve(eventId, 'bob', { lines: [line('stalls', ['A-1-2'])] })
      const taken = { status: 409, body: { error: 'Some of the seats are taken: A-1-2' } }
      t.match(await confirm(), taken)
      await ask('DELETE', `/bookings/${bob.body.booking.id}`)
      await change(eventId, 'block', ['B-1-1'])
      t.match(await confirm(), { status: 409, body: { error: /: B-1-1$/ } }, 'blocked')
      await change(eventId, 'unblock', ['B-1-1'])
      const again = await confirm()
      t.match(again, { status: 200, body: { id: booking.id, status: 'confirmed' } })
      t.strictSame(again.body.lines, lines)
      t.notOk((await labelsOf(eventId, '?status=free')).includes('A-1-1'))
    }
  })
})
