import t from 'tap'
import type { ApiAnswer } from '../helpers/api.ts'
import { best, line } from '../helpers/hall.ts'
import { createSeatsApi, labelsIn } from '../helpers/seats.ts'

const SMALL = { sections: [{ key: 'A', rows: [{ key: '1', seats: { from: 1, to: 4 } }] }] }

t.test('who waits for numbered seats', async (t) => {
  const { ask, reserve, createEvent, expire, labelsOf, change, settle } = await createSeatsApi(t)
  const bookingOf = async (eventId: number, user: string): Promise<ApiAnswer> => {
    const answer = await ask('GET', `/bookings?event_id=${eventId}&user_id=${user}`)
    return { ...answer, body: answer.body.bookings[0] }
  }

  const createSmall = async (total: number): Promise<number> => {
    const eventId = await createEvent({ total_seats: total, max_seats_per_booking: 4 })
    await ask('PUT', `/events/${eventId}/seating`, SMALL)
    return eventId
  }
  const wait = (eventId: number, user: string) =>
    reserve(eventId, user, { lines: [best('default', 2)], waitlist: true })
  const named = (...labels: string[]) => ({ lines: [line('default', labels)] })

  await t.test('who has waited is seated: together, apart, or without numbers', async (t) => {
    for (const [anns, bobs, cids] of [
      [
        ['A-1-1', 'A-1-2'],
        ['A-1-3', 'A-1-4'],
        ['A-1-1', 'A-1-2'],
      ],
      [
        ['A-1-1', 'A-1-3'],
        ['A-1-2', 'A-1-4'],
        ['A-1-1', 'A-1-3'],
      ],
    ] as const) {
      const eventId = await createSmall(4)
      const ann = await reserve(eventId, 'ann', named(...anns))
      await reserve(eventId, 'bob', named(...bobs))
      t.equal((await wait(eventId, 'cid')).status, 202)
      await ask('DELETE', `/bookings/${ann.body.booking.id}`)
      t.strictSame(labelsIn(await bookingOf(eventId, 'cid')), [cids])
      t.strictSame(await labelsOf(eventId, '?status=free'), [])
    }
    const eventId = await createSmall(6)
    await reserve(eventId, 'ann', named('A-1-1', 'A-1-2', 'A-1-3', 'A-1-4'))
    const bob = await reserve(eventId, 'bob', { seats: 2 })
    await wait(eventId, 'cid')
    await ask('DELETE', `/bookings/${bob.body.booking.id}`)
    t.strictSame(labelsIn(await bookingOf(eventId, 'cid')), [[]])
  })

  await t.test('a line that lacks numbers does not take those of another one', async (t) => {
    const eventId = await createEvent({ total_seats: 6, max_seats_per_booking: 4 })
    const rows = [{ key: '1', seats: { from: 1, to: 2 } }]
    const sections = [
      { key: 'A', rows },
      { key: 'B', rows },
    ]
    await ask('PUT', `/events/${eventId}/seating`, { sections })
    await reserve(eventId, 'ann', named('A-1-1'))
    const made = [
      await reserve(eventId, 'bob', { seats: 3 }),
      await reserve(eventId, 'dee', named('B-1-1', 'B-1-2')),
    ]
    const lines = [best('default', 2, { section: 'A' }), best('default', 2, { section: 'B' })]
    t.equal((await reserve(eventId, 'cid', { lines, waitlist: true })).status, 202)
    for (const { body } of made) await ask('DELETE', `/bookings/${body.booking.id}`)
    t.strictSame(labelsIn(await bookingOf(eventId, 'cid')), [[], ['B-1-1', 'B-1-2']])
  })

  await t.test('also by a hold that expires, blocks that are lifted, and more seats', async (t) => {
    const expiring = await createSmall(4)
    const held = await reserve(expiring, 'ann', { ...named('A-1-2', 'A-1-3'), hold: true })
    await reserve(expiring, 'bob', named('A-1-1', 'A-1-4'))
    await wait(expiring, 'cid')
    await expire(held.body.booking.id)
    await settle(expiring)
    t.strictSame(labelsIn(await bookingOf(expiring, 'cid')), [['A-1-2', 'A-1-3']])

    const blocked = await createSmall(4)
    await reserve(blocked, 'ann', named('A-1-1'))
    // What stays blocked is in the middle, which would be the best.
    await change(blocked, 'block', ['A-1-2', 'A-1-3'])
    t.equal((await wait(blocked, 'cid')).status, 202)
    const labels = ['A-1-3']
    await change(blocked, 'unblock', labels)
    t.strictSame(labelsIn(await bookingOf(blocked, 'cid')), [['A-1-3', 'A-1-4']])

    const growing = await createSmall(2)
    await reserve(growing, 'ann', named('A-1-2', 'A-1-3'))
    await wait(growing, 'cid')
    await ask('PATCH', `/events/${growing}`, { total_seats: 4 })
    t.strictSame(labelsIn(await bookingOf(growing, 'cid')), [['A-1-1', 'A-1-4']])
  })
})
