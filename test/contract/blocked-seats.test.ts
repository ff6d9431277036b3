import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { createHall } from '../helpers/hall.ts'

const PROBLEM = { accept: 'application/problem+json' }

t.test('seats that somebody in line waits for are not blocked', async (t) => {
  const api = await createApi(t)
  const { ask, reserve, createEvent } = api
  const block = (eventId: number, labels: readonly string[]) =>
    ask('POST', `/events/${eventId}/seats/block`, { labels }, PROBLEM)
  const labels = (count: number) => Array.from({ length: count }, (_, i) => `A-1-${i + 1}`)

  await t.test('of an event without pools', async (t) => {
    const eventId = await createEvent({ total_seats: 6, max_seats_per_booking: 6 })
    const rows = [{ key: '1', seats: { from: 1, to: 6 } }]
    await ask('PUT', `/events/${eventId}/seating`, { sections: [{ key: 'A', rows }] })
    await reserve(eventId, 'ann', { seats: 3 })
    for (const [user, seats] of [
      ['bob', 4],
      ['cid', 5],
      ['dee', 1],
    ] as const) {
      t.equal((await reserve(eventId, user, { seats, waitlist: true })).status, 202)
    }
    t.match(await block(eventId, labels(2)), {
      status: 409,
      body: {
        ...{ code: 'capacity_below_waiting', pool: null },
        detail: 'No more than 1 seats can be blocked: somebody in line waits for 5',
      },
    })
    t.equal((await block(eventId, labels(1))).status, 204)
    const lowered = await ask('PATCH', `/events/${eventId}`, { total_seats: 5 }, PROBLEM)
    t.match(lowered, {
      status: 409,
      body: {
        code: 'capacity_below_waiting',
        detail:
          'total_seats must not be less than 6: 1 are blocked, and somebody in line waits for 5',
      },
    })
    const tooLarge = { event_id: eventId, user_id: 'eve', seats: 6, waitlist: true }
    t.match(await ask('POST', '/bookings/reserve', tooLarge, PROBLEM), {
      status: 409,
      body: { code: 'exceeds_capacity', detail: 'The event has 5 seats only' },
    })
  })

  await t.test('of a pool', async (t) => {
    const eventId = await createHall(api)
    const stalls = (seats: number) => [{ ticket_type: 'stalls', seats }]
    await reserve(eventId, 'ann', { lines: stalls(5) })
    await ask('PATCH', `/events/${eventId}`, { max_seats_per_booking: 8 })
    t.equal((await reserve(eventId, 'bob', { lines: stalls(8), waitlist: true })).status, 202)
    t.match(await block(eventId, labels(3)), {
      status: 409,
      body: {
        ...{ code: 'capacity_below_waiting', pool: 'stalls' },
        detail:
          'No more than 2 seats of the pool "stalls" can be blocked: somebody in line waits for 8',
      },
    })
    t.equal((await block(eventId, labels(2))).status, 204)
    t.equal((await block(eventId, [...labels(2), 'B-1-1'])).status, 204, 'a seat of no pool')
    t.match((await ask('GET', `/events/${eventId}`)).body, { blocked_seats: 3 })
  })
})
