import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { createHall, HALL } from '../helpers/hall.ts'

t.test('lists, and keys in them, within their bounds', async (t) => {
  const api = await createApi(t)
  const { ask, reserve, createEvent } = api
  const eventId = await createHall(api)

  await t.test('a list that is too short or too long is told of its bounds', async (t) => {
    const line = { ticket_type: 'box', seats: 1 }
    const lines = (count: number) => ({ lines: Array.from({ length: count }, () => line) })
    const labels = (count: number) => Array.from({ length: count }, (_, i) => `A-1-${i}`)
    for (const list of [lines(0), lines(21), { lines: 'x' }]) {
      const { status, body } = await reserve(eventId, 'ann', list)
      t.match([status, body.error], [400, 'lines must be an array of 1 to 20 entries'])
    }
    for (const count of [0, 1001]) {
      const named = { lines: [{ ...line, labels: labels(count) }] }
      const { body } = await reserve(eventId, 'ann', named)
      t.equal(body.error, 'lines.0.labels must be an array of 1 to 1000 entries')
      for (const how of ['block', 'unblock']) {
        const asked = { labels: labels(count) }
        const answer = await ask('POST', `/events/${eventId}/seats/${how}`, asked)
        t.equal(answer.body.error, 'labels must be an array of 1 to 1000 entries')
      }
    }
    const keys = Array.from({ length: 101 }, (_, i) => `k${i}`)
    const pools = keys.map((key) => ({ key, capacity: 1 }))
    const types = keys.map((key) => ({ key, name: key, pools: [] }))
    for (const [change, field] of [
      [{ pools }, 'pools'],
      [{ ticket_types: types }, 'ticket_types'],
    ] as const) {
      const { body } = await ask('PATCH', `/events/${eventId}`, change)
      t.equal(body.error, `${field} must be an array of at most 100 entries`)
    }
    const drawing = { ticket_types: [{ key: 'a', name: 'A', pools: keys }] }
    const { body } = await ask('PATCH', `/events/${eventId}`, drawing)
    t.equal(body.error, 'ticket_types.0.pools must be an array of up to 10 keys, each once')
  })

  await t.test('a key that is none is told what it may be', async (t) => {
    const rule =
      'must be 1 to 63 of the characters a to z, 0 to 9, _ and -, with neither _ nor - first'
    for (const key of ['__proto__', '-', '_a', '', 'A', 'ä', 'a'.repeat(64), 1]) {
      const type = { key: 'a', name: 'A', pools: [] }
      const changes = [
        [{ pools: [{ key, capacity: 1 }] }, 'pools.0.key'],
        [{ ticket_types: [{ ...type, key }] }, 'ticket_types.0.key'],
        [{ ticket_types: [{ ...type, pools: [key] }] }, 'ticket_types.0.pools.0'],
      ] as const
      for (const [change, field] of changes) {
        const { status, body } = await ask('PATCH', `/events/${eventId}`, change)
        t.match([status, body.error], [400, `${field} ${rule}`], JSON.stringify(key))
      }
      const refused = await reserve(eventId, 'ann', { lines: [{ ticket_type: key, seats: 1 }] })
      t.match([refused.status, refused.body.error], [400, `lines.0.ticket_type ${rule}`])
    }
    const widest = { pools: [...HALL_POOLS, { key: 'a_-'.repeat(21), capacity: 1 }] }
    t.equal((await ask('PATCH', `/events/${eventId}`, widest)).status, 200)
  })

  await t.test('the largest lists fit into a body', async (t) => {
    // 16 letters of four bytes in each part of a label.
    const letters = (i: number) => `${'𝒜'.repeat(12)}${String(i).padStart(4, '0')}`
    const labels = Array.from({ length: 1000 }, (_, i) => letters(i))
    const rows = [{ key: letters(0), seats: labels }]
    const id = await createEvent({ total_seats: 1000 })
    const seating = { sections: [{ key: letters(0), rows }] }
    t.equal((await ask('PUT', `/events/${id}/seating`, seating)).status, 200)
    const all = { labels: labels.map((seat) => `${letters(0)}-${letters(0)}-${seat}`) }
    for (const how of ['block', 'unblock']) {
      t.equal((await ask('POST', `/events/${id}/seats/${how}`, all)).status, 204, how)
    }
    const keys = Array.from({ length: 100 }, (_, i) => String(i).padStart(63, 'k'))
    const offer = {
      pools: keys.map((key) => ({ key, capacity: 1 })),
      ticket_types: keys.map((key) => ({ key, name: '𝒜'.repeat(255), pools: keys.slice(0, 10) })),
    }
    t.ok((await createEvent({ total_seats: 1, ...offer })) > id)
    t.equal((await ask('PATCH', `/events/${id}`, offer)).status, 200)
    const long = { labels: Array.from({ length: 9000 }, () => 'A'.repeat(255)) }
    t.equal((await ask('POST', `/events/${id}/seats/block`, long)).status, 413)
    const many = { ticket_types: [], metadata: { long: 'A'.repeat(2 * 1024 * 1024) } }
    t.equal((await ask('PATCH', `/events/${id}`, many)).status, 413)
  })

  await t.test('a body may have so many values, however few bytes they take', async (t) => {
    const id = await createEvent()
    const values = (count: number) => Array.from({ length: count }, () => ({}))
    const seats = { from: 1, to: 2 }
    const sections = [{ key: 'A', rows: [{ key: '1', seats }] }]
    const headers = { 'idempotency-key': 'many-values' }
    for (const [method, path, body, most] of [
      ['PUT', `/events/${id}/seating`, { sections }, 200_000],
      ['PATCH', `/events/${id}`, { name: 'Other' }, 20_000],
      ['POST', '/events', { name: 'Third', total_seats: 1 }, 20_000],
      ['POST', '/bookings/reserve', { event_id: id, user_id: 'ann' }, 20_000],
    ] as const) {
      const refused = await ask(method, path, { ...body, x: values(most) }, headers)
      const text = `The body must not have more than ${most} values, or commas`
      t.match([refused.status, refused.body.error], [413, text], `${method} ${path}`)
      // A comma and a brace for each.
      const answer = await ask(method, path, { ...body, x: values(most / 2 - 10) })
      t.ok(answer.status < 300, `${method} ${path}: ${answer.status}`)
    }
  })

  await t.test('BODY_LIMIT_BYTES may allow more', async (t) => {
    const wide = await createApi(t, { BODY_LIMIT_BYTES: `${5 * 1024 * 1024}` })
    const id = await wide.createEvent()
    const padding = 'x'.repeat(4.5 * 1024 * 1024)
    for (const [method, path, body] of [
      ['POST', '/seats/block', { labels: [] }],
      ['PUT', '/seating', { sections: [] }],
      ['PATCH', '', { total_seats: -1 }],
    ] as const) {
      const { status } = await wide.ask(method, `/events/${id}${path}`, { ...body, padding })
      t.equal(status, 400, `${method} ${path}`)
    }
  })
})

/** That of its section has to stay. */
const HALL_POOLS = [{ key: String(HALL.sections[0]?.pool), capacity: 10 }]
