import t from 'tap'
import { HALL } from '../helpers/hall.ts'
import { createSeatsApi } from '../helpers/seats.ts'

const PROBLEM = { accept: 'application/problem+json' }

t.test('the seats of an event', async (t) => {
  const { app, ask, expire, labelsOf, change, createHall, createUsed } = await createSeatsApi(t)
  const mapOf = async (eventId: number, headers = {}) => {
    const url = `/api/events/${eventId}/seats.bin`
    const response = await app.inject({ method: 'GET', url, headers })
    return { ...response, bytes: [...response.rawPayload] }
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
    const other = await createHall()
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
    t.strictSame([same.statusCode, same.bytes], [304, []])
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
    const eventId = await createHall()
    const url = `/events/${eventId}/seating`
    const { headers } = await ask('GET', url)
    const known = { 'if-none-match': String(headers['etag']) }
    t.match(await ask('GET', url, undefined, known), { status: 304, body: null })
    await ask('PUT', url, { sections: HALL.sections.slice(0, 1) })
    t.equal((await ask('GET', url, undefined, known)).status, 200)
  })
})
