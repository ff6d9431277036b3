import t from 'tap'
import { HALL, line } from '../helpers/hall.ts'
import { createSeatsApi } from '../helpers/seats.ts'

t.test('seats that are not for sale', async (t) => {
  const { ask, reserve, readAll, labelsOf, change, createHall, createUsed } =
    await createSeatsApi(t)
  const historyOf = (eventId: number) => readAll(`/events/${eventId}/history`, 'history', 100)

  await t.test('are blocked all or none, and once', async (t) => {
    const { eventId } = await createUsed()
    const before = await labelsOf(eventId, '?status=blocked')
    const { body: refused } = await change(eventId, 'block', ['A-2-1', 'A-1-2', 'A-1-1'])
    t.strictSame(refused.labels_taken, ['A-1-2', 'A-1-1'])
    t.match(refused, {
      ...{ status: 409, code: 'seats_taken' },
      detail: 'Some of the seats are taken: A-1-2, A-1-1',
    })
    for (const how of ['block', 'unblock'] as const) {
      const { body: unknown } = await change(eventId, how, ['A-1-6', 'Z-1-1'])
      t.strictSame(unknown.labels, ['Z-1-1'])
      t.match(unknown, {
        ...{ status: 400, code: 'labels_invalid' },
        detail: 'labels must be those of seats of the event, unlike Z-1-1',
      })
      const none = await change(eventId, how, [])
      t.match(none.body, { status: 400, code: 'validation_failed', detail: /^labels must / })
    }
    t.strictSame(await labelsOf(eventId, '?status=blocked'), before)
    t.match((await ask('GET', `/events/${eventId}`)).body, { blocked_seats: 2, available_seats: 8 })

    const labels = ['A-1-6', 'A-2-1', 'A-2-1', 'B-1-1']
    for (const time of [1, 2]) {
      t.equal((await change(eventId, 'block', labels)).status, 204, `${time}`)
    }
    t.match((await ask('GET', `/events/${eventId}`)).body, { blocked_seats: 4, available_seats: 6 })
    for (const time of [1, 2]) {
      t.equal((await change(eventId, 'unblock', labels)).status, 204, `${time}`)
    }
    t.strictSame(await labelsOf(eventId, '?status=blocked'), ['B-1-2'])
    t.equal((await change(eventId, 'unblock', ['A-1-2'])).status, 204, 'booked, not blocked')
    t.strictSame(await labelsOf(eventId, '?status=booked'), ['A-1-2'])
  })

  await t.test('no more are blocked than are left', async (t) => {
    const eventId = await createHall()
    await reserve(eventId, 'ann', { lines: [{ ticket_type: 'stalls', seats: 6 }] })
    const row = ['A-1-1', 'A-1-2', 'A-1-3', 'A-1-4', 'A-1-5']
    t.match((await change(eventId, 'block', row)).body, {
      ...{ status: 409, code: 'sold_out', pool: 'stalls', available: 4 },
    })
    t.equal((await change(eventId, 'block', row.slice(1))).status, 204)
  })

  await t.test('the history tells of the seating and the blocks', async (t) => {
    const eventId = await createHall()
    await ask('PUT', `/events/${eventId}/seating`, HALL)
    await change(eventId, 'block', ['B-1-1', 'A-1-1', 'A-1-2'])
    await change(eventId, 'block', ['A-1-1'])
    await change(eventId, 'unblock', ['A-1-1'])
    const { headers } = await ask('GET', `/events/${eventId}/seating`)
    const told = (await historyOf(eventId)).slice(1)
    t.match(told[0], { type: 'seating_changed', seating: /^[^"]+$/ })
    t.strictSame(
      told.map(({ type, labels, pool }) => [type, labels, pool]),
      [
        ['seating_changed', null, null],
        ['seats_blocked', ['B-1-1'], null],
        ['seats_blocked', ['A-1-1', 'A-1-2'], 'stalls'],
        ['seats_unblocked', ['A-1-1'], 'stalls'],
      ],
      'what changes nothing is not told',
    )
    for (const fact of told) {
      t.match(fact, { user_id: null, seats_before: 12, seats_after: 12, lines: null })
    }
    t.equal(`"${String(told[0]?.['seating'])}"`, headers['etag'])
  })

  await t.test('what is sent again under its key is done once', async (t) => {
    const eventId = await createHall()
    const again = { 'idempotency-key': 'seating' }
    const smaller = { sections: HALL.sections.slice(0, 1) }
    const url = `/events/${eventId}/seating`
    const put = await ask('PUT', url, smaller, again)
    await ask('PUT', url, HALL)
    const replayed = await ask('PUT', url, smaller, again)
    t.strictSame([replayed.status, replayed.body], [200, smaller])
    t.equal(replayed.headers['etag'], put.headers['etag'])
    t.equal(replayed.headers['idempotency-replayed'], 'true')
    t.strictSame((await ask('GET', url)).body, HALL, 'it is not set again')
    t.equal((await ask('PUT', url, HALL, again)).status, 422)

    const asked = { event_id: eventId, user_id: 'ann', lines: [line('box', ['B-1-1'])] }
    const key = { 'idempotency-key': 'labels' }
    const made = await ask('POST', '/bookings/reserve', asked, key)
    const once = await ask('POST', '/bookings/reserve', asked, key)
    t.strictSame([once.status, once.body], [201, made.body])
    t.equal(once.headers['idempotency-replayed'], 'true')
    const other = { ...asked, lines: [line('box', ['B-1-2'])] }
    t.equal((await ask('POST', '/bookings/reserve', other, key)).status, 422)

    const blocking = { 'idempotency-key': 'block' }
    await change(eventId, 'block', ['B-1-2'], blocking)
    await change(eventId, 'unblock', ['B-1-2'])
    const late = await change(eventId, 'block', ['B-1-2'], blocking)
    t.match([late.status, late.headers['idempotency-replayed']], [204, 'true'])
    t.strictSame(await labelsOf(eventId, '?status=blocked'), [])
  })
})
