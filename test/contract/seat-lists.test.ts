import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { createHall, HALL, line } from '../helpers/hall.ts'

const PROBLEM = { accept: 'application/problem+json' }

t.test('the seats of an event, and what is not for sale', async (t) => {
  const api = await createApi(t)
  const { app, ask, reserve, readAll, expire } = api
  const labelsOf = async (eventId: number, query: string, limit = 100): Promise<unknown[]> => {
    const seats = await readAll(`/events/${eventId}/seats${query}`, 'seats', limit)
    return seats.map(({ label }) => label)
  }
  const change = (eventId: number, how: 'block' | 'unblock', labels: string[], headers = {}) =>
    ask('POST', `/events/${eventId}/seats/${how}`, { labels }, { ...PROBLEM, ...headers })
  const historyOf = (eventId: number) => readAll(`/events/${eventId}/history`, 'history', 100)
  const mapOf = async (eventId: number, headers = {}) => {
    const url = `/api/events/${eventId}/seats.bin`
    const response = await app.inject({ method: 'GET', url, headers })
    return { ...response, bytes: [...response.rawPayload] }
  }
  /** A hall of which A-1-1 is held, A-1-2 booked, A-1-6 and B-1-2 blocked. */
  const createUsed = async () => {
    const eventId = await createHall(api)
    const held = await reserve(eventId, 'ann', { lines: [line('stalls', ['A-1-1'])], hold: true })
    const made = await reserve(eventId, 'bob', { lines: [line('stalls', ['A-1-2'])] })
    await change(eventId, 'block', ['A-1-6', 'B-1-2'])
    return { eventId, held: held.body.booking.id, booked: made.body.booking.id }
  }

  await t.test('are listed page by page, by status and section', async (t) => {
    const { eventId } = await createUsed()
    const all = [
      ...['A-1-1', 'A-1-2', 'A-1-3', 'A-1-4', 'A-1-5', 'A-1-6'],
      ...['A-2-1', 'A-2-2', 'A-2-3', 'A-2-4', 'B-1-1', 'B-1-2'],
    ]
    const used = ['A-1-1', 'A-1-2', 'A-1-6', 'B-1-2']
    const free = all.filter((label) => !used.includes(label))
    for (const limit of [1, 5, 12, 100]) {
      t.strictSame(await labelsOf(eventId, '', limit), all)
      t.strictSame(await labelsOf(eventId, '?status=free', limit), free)
      t.strictSame(await labelsOf(eventId, '?status=blocked', limit), ['A-1-6', 'B-1-2'])
      t.strictSame(await labelsOf(eventId, '?status=blocked&section=B', limit), ['B-1-2'])
      t.strictSame(await labelsOf(eventId, '?section=A', limit), all.slice(0, 10))
    }
    t.strictSame(await labelsOf(eventId, '?status=held'), ['A-1-1'])
    t.strictSame(await labelsOf(eventId, '?status=booked'), ['A-1-2'])
    const { body } = await ask('GET', `/events/${eventId}/seats?section=B`)
    t.strictSame(body, {
      seats: [
        { label: 'B-1-1', section: 'B', pool: null, status: 'free' },
        { label: 'B-1-2', section: 'B', pool: null, status: 'blocked' },
      ],
      next_cursor: null,
    })
  })

  await t.test('not with what is no section, status or cursor of the list', async (t) => {
    const { eventId } = await createUsed()
    const other = await createHall(api)
    const { body } = await ask('GET', `/events/${eventId}/seats?limit=1`)
    const wrong: [id: number, query: string, code: string][] = [
      [eventId, 'section=Z', 'unknown_section'],
      [eventId, 'status=gone', 'validation_failed'],
      [eventId, 'cursor=x', 'invalid_cursor'],
      [other, `cursor=${body.next_cursor}`, 'invalid_cursor'],
      [eventId, `section=B&cursor=${body.next_cursor}`, 'invalid_cursor'],
    ]
    for (const [id, query, code] of wrong) {
      const answer = await ask('GET', `/events/${id}/seats?${query}`, undefined, PROBLEM)
      t.match(answer.body, { status: 400, code }, query)
    }
  })

  await t.test('are two bits each on the map, which has a tag', async (t) => {
    const { eventId, held, booked } = await createUsed()
    const map = await mapOf(eventId)
    t.equal(map.statusCode, 200)
    t.equal(map.headers['content-type'], 'application/octet-stream')
    t.strictSame(map.bytes, [0b00_00_10_01, 0b00_00_11_00, 0b11_00_00_00])
    const seating = await ask('GET', `/events/${eventId}/seating`)
    t.equal(map.headers['x-seating'], seating.headers['etag'])
    const headers = { 'if-none-match': String(map.headers.etag) }
    const same = await mapOf(eventId, headers)
    t.match([same.statusCode, same.bytes], [304, []])
    await ask('POST', `/bookings/${held}/confirm`)
    const changed = await mapOf(eventId, headers)
    t.match([changed.statusCode, changed.bytes[0]], [200, 0b00_00_10_10])
    await ask('DELETE', `/bookings/${booked}`)
    await change(eventId, 'unblock', ['B-1-2', 'A-1-6'])
    t.strictSame((await mapOf(eventId)).bytes, [0b10, 0, 0])
  })

  await t.test('are free on the map once a hold has expired', async (t) => {
    const { eventId, held } = await createUsed()
    await expire(held)
    t.strictSame((await mapOf(eventId)).bytes, [0b00_00_10_00, 0b00_00_11_00, 0b11_00_00_00])
  })

  await t.test('the seating has a tag too', async (t) => {
    const eventId = await createHall(api)
    const url = `/events/${eventId}/seating`
    const { headers } = await ask('GET', url)
    const known = { 'if-none-match': String(headers['etag']) }
    t.match(await ask('GET', url, undefined, known), { status: 304, body: null })
    await ask('PUT', url, { sections: HALL.sections.slice(0, 1) })
    t.equal((await ask('GET', url, undefined, known)).status, 200)
  })

  await t.test('are blocked all or none, and once', async (t) => {
    const { eventId } = await createUsed()
    const before = await labelsOf(eventId, '?status=blocked')
    t.match((await change(eventId, 'block', ['A-2-1', 'A-1-2', 'A-1-1'])).body, {
      ...{ status: 409, code: 'seats_taken', labels_taken: ['A-1-2', 'A-1-1'] },
      detail: 'Some of the seats are taken: A-1-2, A-1-1',
    })
    for (const how of ['block', 'unblock'] as const) {
      t.match((await change(eventId, how, ['A-1-6', 'Z-1-1'])).body, {
        ...{ status: 400, code: 'labels_invalid', labels: ['Z-1-1'] },
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
    const eventId = await createHall(api)
    await reserve(eventId, 'ann', { lines: [{ ticket_type: 'stalls', seats: 6 }] })
    const row = ['A-1-1', 'A-1-2', 'A-1-3', 'A-1-4', 'A-1-5']
    t.match((await change(eventId, 'block', row)).body, {
      ...{ status: 409, code: 'sold_out', pool: 'stalls', available: 4 },
    })
    t.equal((await change(eventId, 'block', row.slice(1))).status, 204)
  })

  await t.test('the history tells of the seating and the blocks', async (t) => {
    const eventId = await createHall(api)
    await ask('PUT', `/events/${eventId}/seating`, HALL)
    await change(eventId, 'block', ['B-1-1', 'A-1-1', 'A-1-2'])
    await change(eventId, 'block', ['A-1-1'])
    await change(eventId, 'unblock', ['A-1-1'])
    const { headers } = await ask('GET', `/events/${eventId}/seating`)
    const told = (await historyOf(eventId)).slice(1)
    const unlike = { user_id: null, seats_before: 12, seats_after: 12, lines: null }
    t.match(told, [
      { type: 'seating_changed', ...unlike, labels: null, seating: /^[^"]+$/ },
      { type: 'seats_blocked', ...unlike, labels: ['B-1-1'], pool: null, seating: null },
      { type: 'seats_blocked', ...unlike, labels: ['A-1-1', 'A-1-2'], pool: 'stalls' },
      { type: 'seats_unblocked', ...unlike, labels: ['A-1-1'], pool: 'stalls' },
    ])
    t.equal(told.length, 4, 'what changes nothing is not told')
    t.equal(`"${String(told[0]?.['seating'])}"`, headers['etag'])
  })

  await t.test('what is sent again under its key is done once', async (t) => {
    const eventId = await createHall(api)
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
