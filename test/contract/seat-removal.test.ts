import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { best, createHall, HALL, line } from '../helpers/hall.ts'

const PROBLEM = { accept: 'application/problem+json' }

t.test('a seating that is taken away', async (t) => {
  const api = await createApi(t)
  const { ask, reserve, expire, readAll } = api
  const remove = (eventId: number, headers = {}) =>
    ask('DELETE', `/events/${eventId}/seating`, undefined, headers)

  await t.test('leaves seats without numbers, and can be set anew', async (t) => {
    const eventId = await createHall(api)
    const { status, body } = await remove(eventId)
    t.equal(status, 204)
    t.notOk(body)
    for (const read of ['seating', 'seats', 'seats.bin']) {
      const { body: problem } = await ask('GET', `/events/${eventId}/${read}`, undefined, PROBLEM)
      t.match(problem, { status: 404, code: 'seating_not_found' }, read)
    }
    const named = await reserve(eventId, 'ann', { lines: [line('stalls', ['A-1-1'])] })
    t.match(named, { status: 400, body: { error: /^lines\.0 must have neither labels nor/ } })
    const lines = [{ ticket_type: 'stalls', seats: 2 }]
    t.equal((await reserve(eventId, 'ann', { lines })).status, 201)
    t.match((await ask('GET', `/events/${eventId}`)).body, { available_seats: 10 })
    t.equal((await ask('PUT', `/events/${eventId}/seating`, HALL)).status, 200)
    t.strictSame((await ask('GET', `/events/${eventId}/seating`)).body, HALL)
    const { body: free } = await ask('GET', `/events/${eventId}/seats?status=free`)
    t.equal(free.seats.length, 12)
  })

  await t.test('once, also where there has been none, as the history tells', async (t) => {
    const eventId = await createHall(api)
    t.equal((await remove(eventId)).status, 204)
    t.match((await remove(eventId, PROBLEM)).body, { status: 404, code: 'seating_not_found' })
    t.match((await remove(999_999, PROBLEM)).body, { status: 404, code: 'event_not_found' })
    const history = await readAll(`/events/${eventId}/history`, 'history', 100)
    t.match(history.slice(1), [
      { type: 'seating_changed', seating: /./, seats_before: 12, seats_after: 12 },
      { type: 'seating_changed', seating: null, seats_before: 12, seats_after: 12 },
    ])
    t.equal(history.length, 3)
  })

  await t.test('not while somebody has a seat, or one is blocked', async (t) => {
    const eventId = await createHall(api)
    const { body } = await reserve(eventId, 'ann', { lines: [line('box', ['B-1-2'])] })
    await ask('POST', `/events/${eventId}/seats/block`, { labels: ['A-1-6'] })
    t.match((await remove(eventId, PROBLEM)).body, {
      ...{ status: 409, code: 'seats_taken', labels_taken: ['A-1-6', 'B-1-2'] },
      detail: 'Seats that would be removed are taken, 2 in all: A-1-6, B-1-2',
    })
    t.strictSame((await ask('GET', `/events/${eventId}/seating`)).body, HALL, 'nothing changed')
    await ask('POST', `/events/${eventId}/seats/unblock`, { labels: ['A-1-6'] })
    await ask('DELETE', `/bookings/${body.booking.id}`)
    t.equal((await remove(eventId)).status, 204)
  })

  await t.test('but for a hold that has expired, which nobody takes again then', async (t) => {
    for (const isReplaced of [false, true]) {
      const eventId = await createHall(api)
      const held = { lines: [line('box', ['B-1-1', 'B-1-2'])], hold: true }
      const { body } = await reserve(eventId, 'ann', held)
      await expire(body.booking.id)
      const smaller = { sections: HALL.sections.slice(0, 1) }
      const { status } = isReplaced
        ? await ask('PUT', `/events/${eventId}/seating`, smaller)
        : await remove(eventId)
      t.equal(status, isReplaced ? 200 : 204)
      const confirm = () =>
        ask('POST', `/bookings/${body.booking.id}/confirm`, { reacquire: true }, PROBLEM)
      const late = await confirm()
      const labels = ['B-1-1', 'B-1-2']
      t.match(late.body, { status: 409, code: 'seats_taken', line: 0, labels_taken: labels })
      await ask('PUT', `/events/${eventId}/seating`, HALL)
      t.equal((await confirm()).status, 200, 'with its numbers it can be had again')
    }
  })

  await t.test('who waits for the best seats has seats without numbers', async (t) => {
    const eventId = await createHall(api)
    await ask('PATCH', `/events/${eventId}`, {
      total_seats: 2,
      pools: [{ key: 'stalls', capacity: 2 }],
    })
    const lines = [{ ticket_type: 'stalls', seats: 2 }]
    const { body } = await reserve(eventId, 'ann', { lines })
    const waiting = await reserve(eventId, 'bob', { lines: [best('stalls', 2)], waitlist: true })
    t.equal(waiting.status, 202)
    t.equal((await remove(eventId)).status, 204)
    await ask('DELETE', `/bookings/${body.booking.id}`)
    const listed = await ask('GET', `/bookings?event_id=${eventId}`)
    t.match(listed.body.bookings, [{ user_id: 'bob', seats: 2, lines: [{ labels: [] }] }])
    t.strictSame(listed.body.bookings[0].lines[0].labels, [])
  })

  await t.test('what is sent again under its key is done once', async (t) => {
    const eventId = await createHall(api)
    const key = { 'idempotency-key': 'removal' }
    t.equal((await remove(eventId, key)).status, 204)
    await ask('PUT', `/events/${eventId}/seating`, HALL)
    const again = await remove(eventId, key)
    t.match([again.status, again.headers['idempotency-replayed']], [204, 'true'])
    t.strictSame((await ask('GET', `/events/${eventId}/seating`)).body, HALL)
    const other = await createHall(api)
    t.equal((await remove(other, key)).status, 422)
  })
})
