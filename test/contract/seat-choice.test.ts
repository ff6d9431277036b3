import t from 'tap'
import { createApi, type ApiAnswer } from '../helpers/api.ts'
import { best, createHall, line } from '../helpers/hall.ts'

const SMALL = { sections: [{ key: 'A', rows: [{ key: '1', seats: { from: 1, to: 4 } }] }] }

/** The labels of a booking's lines. */
function labelsIn({ body }: ApiAnswer): string[][] {
  const { lines } = (body.booking ?? body) as { lines: { labels: string[] }[] }
  return lines.map(({ labels }) => labels)
}

t.test('seats that the service chooses, and that change hands', async (t) => {
  const api = await createApi(t)
  const { ask, reserve, createEvent, expire } = api
  const block = (eventId: number, ...labels: string[]) =>
    ask('POST', `/events/${eventId}/seats/block`, { labels })
  const settle = (eventId: number) => ask('PATCH', `/events/${eventId}`, { name: 'Settled' })
  const freeOf = async (eventId: number): Promise<string[]> => {
    const { body } = await ask('GET', `/events/${eventId}/seats?status=free`)
    const seats = body.seats as { label: string }[]
    return seats.map(({ label }) => label)
  }
  const bookingOf = async (eventId: number, user: string): Promise<ApiAnswer> => {
    const answer = await ask('GET', `/bookings?event_id=${eventId}&user_id=${user}`)
    return { ...answer, body: answer.body.bookings[0] }
  }

  await t.test('several lines sit together, and those of other pools elsewhere', async (t) => {
    const eventId = await createHall(api)
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
    const eventId = await createHall(api)
    await block(eventId, 'A-1-3')
    const together = [best('stalls', 5, { section: 'A', split: false })]
    t.equal((await reserve(eventId, 'ann', { lines: together })).status, 409)
    const apart = [best('stalls', 5, { section: 'A', split: true })]
    t.strictSame(labelsIn(await reserve(eventId, 'ann', { lines: apart })), [
      ['A-1-4', 'A-2-1', 'A-2-2', 'A-2-3', 'A-2-4'],
    ])
  })

  await t.test('a booking that changes keeps its own seats, or is seated anew', async (t) => {
    const eventId = await createHall(api)
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
    t.ok((await freeOf(eventId)).includes('A-1-1'))
    const plain = await change({ lines: [{ ticket_type: 'stalls', seats: 2 }] })
    t.strictSame(labelsIn(plain), [[]])
    t.ok((await freeOf(eventId)).includes('A-1-3'))
  })

  await t.test('the seats of a hold that has expired are free at once', async (t) => {
    const eventId = await createHall(api)
    const hold = { lines: [line('box', ['B-1-1', 'B-1-2'])], hold: true }
    const held = await reserve(eventId, 'ann', hold)
    const { body } = await ask('GET', `/events/${eventId}/seats?status=held`)
    t.match(body.seats, [{ label: 'B-1-1' }, { label: 'B-1-2' }])
    await expire(held.body.booking.id)
    t.equal((await freeOf(eventId)).length, 12)
    const named = await reserve(eventId, 'bob', { lines: [line('box', ['B-1-2'])] })
    t.equal(named.status, 201)
    t.strictSame(labelsIn(await reserve(eventId, 'cid', { lines: [best('box', 1)] })), [['B-1-1']])
  })

  await t.test('a late payment gets the same seats again, or none', async (t) => {
    for (const isSwept of [true, false]) {
      const eventId = await createHall(api)
      const lines = [line('stalls', ['A-1-1', 'A-1-2']), line('box', ['B-1-1'])]
      const { booking } = (await reserve(eventId, 'ann', { lines, hold: true })).body
      const confirm = () => ask('POST', `/bookings/${booking.id}/confirm`, { reacquire: true })
      await expire(booking.id)
      if (isSwept) await settle(eventId)
      const bob = await reserve(eventId, 'bob', { lines: [line('stalls', ['A-1-2'])] })
      const taken = { status: 409, body: { error: 'Some of the seats are taken: A-1-2' } }
      t.match(await confirm(), taken)
      await ask('DELETE', `/bookings/${bob.body.booking.id}`)
      await block(eventId, 'B-1-1')
      t.match(await confirm(), { status: 409, body: { error: /: B-1-1$/ } }, 'blocked')
      await ask('POST', `/events/${eventId}/seats/unblock`, { labels: ['B-1-1'] })
      const again = await confirm()
      t.match(again, { status: 200, body: { id: booking.id, status: 'confirmed', lines } })
      t.notOk((await freeOf(eventId)).includes('A-1-1'))
    }
  })

  const createSmall = async (total: number, sections = SMALL): Promise<number> => {
    const eventId = await createEvent({ total_seats: total, max_seats_per_booking: 4 })
    await ask('PUT', `/events/${eventId}/seating`, sections)
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
      t.strictSame(await freeOf(eventId), [])
    }
    const eventId = await createSmall(6)
    await reserve(eventId, 'ann', named('A-1-1', 'A-1-2', 'A-1-3', 'A-1-4'))
    const bob = await reserve(eventId, 'bob', { seats: 2 })
    await wait(eventId, 'cid')
    await ask('DELETE', `/bookings/${bob.body.booking.id}`)
    t.strictSame(labelsIn(await bookingOf(eventId, 'cid')), [[]])
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
    await block(blocked, 'A-1-2', 'A-1-3')
    t.equal((await wait(blocked, 'cid')).status, 202)
    const labels = ['A-1-3']
    await ask('POST', `/events/${blocked}/seats/unblock`, { labels })
    t.strictSame(labelsIn(await bookingOf(blocked, 'cid')), [['A-1-3', 'A-1-4']])

    const growing = await createSmall(2)
    await reserve(growing, 'ann', named('A-1-2', 'A-1-3'))
    await wait(growing, 'cid')
    await ask('PATCH', `/events/${growing}`, { total_seats: 4 })
    t.strictSame(labelsIn(await bookingOf(growing, 'cid')), [['A-1-1', 'A-1-4']])
  })
})
