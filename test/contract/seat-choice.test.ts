import t from 'tap'
import { best, line } from '../helpers/hall.ts'
import { createSeatsApi, labelsIn } from '../helpers/seats.ts'

t.test('seats that the service chooses', async (t) => {
  const { ask, reserve, labelsOf, change, createHall } = await createSeatsApi(t)

  await t.test('several lines sit together, and those of other pools elsewhere', async (t) => {
    const eventId = await createHall()
    const lines = [best('stalls', 1), best('box', 2), best('child', 2)]
    const made = await reserve(eventId, 'ann', { lines })
    t.equal(made.status, 201)
    t.strictSame(labelsIn(made), [['A-1-1'], ['B-1-1', 'B-1-2'], ['A-1-2', 'A-1-3']])
    const beside = [line('stalls', ['A-2-1']), best('stalls', 2, { section: 'A' })]
    t.strictSame(labelsIn(await reserve(eventId, 'bob', { lines: beside })), [
      ['A-2-1'],
      ['A-1-4', 'A-1-5'],
    ])
  })

  await t.test('apart where that is asked for, and not else', async (t) => {
    const eventId = await createHall()
    await change(eventId, 'block', ['A-1-3'])
    const together = [best('stalls', 5, { section: 'A', split: false })]
    t.equal((await reserve(eventId, 'ann', { lines: together })).status, 409)
    const apart = [best('stalls', 5, { section: 'A', split: true })]
    t.strictSame(labelsIn(await reserve(eventId, 'ann', { lines: apart })), [
      ['A-1-4', 'A-2-1', 'A-2-2', 'A-2-3', 'A-2-4'],
    ])
  })

  await t.test('a booking that changes keeps its own seats, or is seated anew', async (t) => {
    const eventId = await createHall()
    const made = await reserve(eventId, 'ann', { lines: [best('stalls', 2)] })
    t.strictSame(labelsIn(made), [['A-1-3', 'A-1-4']])
    const change = (body: object) => ask('PATCH', `/bookings/${made.body.booking.id}`, body)
    const same = await change({ lines: [best('stalls', 2)] })
    t.strictSame(labelsIn(same), [['A-1-3', 'A-1-4']])
    const more = await change({ lines: [best('stalls', 3), best('box', 1)] })
    t.strictSame(labelsIn(more), [['A-1-1', 'A-1-2', 'A-1-3'], ['B-1-1']])
    await reserve(eventId, 'bob', { lines: [line('stalls', ['A-1-4'])] })
    const taken = await change({ lines: [line('stalls', ['A-1-3', 'A-1-4'])] })
    t.match(taken, { status: 409, body: { error: 'Some of the seats are taken: A-1-4' } })
    t.match(await change({ seats: 2 }), { status: 400 }, 'a number does not tell which')
    t.strictSame(labelsIn(await change({ metadata: { a: 1 } })), labelsIn(more))
    const less = await change({ lines: [line('child', ['A-1-2']), line('stalls', ['A-1-3'])] })
    t.strictSame(labelsIn(less), [['A-1-2'], ['A-1-3']])
    t.ok((await labelsOf(eventId, '?status=free')).includes('A-1-1'))
    const plain = await change({ lines: [{ ticket_type: 'stalls', seats: 2 }] })
    t.strictSame(labelsIn(plain), [[]])
    t.ok((await labelsOf(eventId, '?status=free')).includes('A-1-3'))
  })
})
