import t from 'tap'
import { createPoolsApi, HALL, of } from '../helpers/pools.ts'

t.test('refusals for want of a pool, or by a ticket type', async (t) => {
  const { createEvent, reserve, eventOf, problemOf } = await createPoolsApi(t)

  await t.test('those who wait for other pools come first in none but their own', async (t) => {
    const pools = ['front', 'back'].map((key) => ({ key, capacity: 2 }))
    const types = ['front', 'back'].map((key) => ({ key, name: key, pools: [key] }))
    const event = { total_seats: 4, max_seats_per_booking: 4, pools, ticket_types: types }
    const eventId = await createEvent(event)
    await reserve(eventId, 'ann', { lines: [of('front')] })
    await reserve(eventId, 'bob', { lines: [of('front', 2)], waitlist: true })
    t.match(await problemOf(eventId, 'cid', { lines: [of('back', 3)] }), {
      ...{ code: 'sold_out', pool: 'back', available: 2, waiting_before: 0 },
    })
    t.match(await problemOf(eventId, 'cid', { lines: [of('front')] }), {
      ...{ code: 'sold_out', pool: 'front', available: 1, waiting_before: 1 },
    })
  })

  await t.test('a refusal says what it turns on', async (t) => {
    const eventId = await createEvent(HALL)
    t.match(await problemOf(eventId, 'ann', { lines: [of('adult'), of('child')] }), {
      ...{ status: 400, code: 'unknown_ticket_type', line: 1, key: 'child' },
      detail: 'lines.1.ticket_type must be a ticket type of the event, which "child" is not',
    })
    t.match(await problemOf(eventId, 'ann', { lines: [of('vip', 3)] }), {
      ...{ status: 400, code: 'too_many_seats', line: 0, key: 'vip' },
      detail: 'lines.0.seats must be an integer between 1 and 2, of the ticket type "vip"',
    })
    await reserve(eventId, 'ann', { lines: [of('vip')] })
    t.match(await problemOf(eventId, 'bob', { lines: [of('adult'), of('vip', 2)] }), {
      ...{ status: 409, code: 'sold_out', pool: 'front', available: 1, waiting_before: 0 },
      detail: 'No seats available in the pool "front"',
    })
    t.equal((await eventOf(eventId)).available_seats, 3, 'all or nothing')
    await reserve(eventId, 'cid', { lines: [of('vip', 2)], waitlist: true })
    t.match(await problemOf(eventId, 'bob', { lines: [of('vip')] }), {
      ...{ status: 409, code: 'sold_out', pool: 'front', available: 1, waiting_before: 1 },
    })
    t.match((await reserve(eventId, 'bob', { lines: [of('vip')] })).body, {
      error: 'No seats available in the pool "front"',
    })
    t.equal((await reserve(eventId, 'bob', { lines: [of('adult', 3)] })).status, 201, 'overtakes')
    t.match(await problemOf(eventId, 'dee', { lines: [of('adult')] }), {
      ...{ status: 409, code: 'sold_out', pool: null, available: 0, waiting_before: 1 },
      detail: 'No seats available',
    })
  })

  await t.test('a type has sales of its own', async (t) => {
    const sales = { sales_start_at: '2999-01-01T00:00:00.000Z' }
    const eventId = await createEvent({
      ...HALL,
      ticket_types: [HALL.ticket_types[0], { ...HALL.ticket_types[1], ...sales }],
    })
    t.match(await problemOf(eventId, 'ann', { lines: [of('adult'), of('vip')] }), {
      ...{ status: 409, code: 'sales_not_open', line: 1, key: 'vip' },
      detail: 'Sales of the ticket type "vip" are not open',
    })
    t.equal((await reserve(eventId, 'ann', { lines: [of('adult')] })).status, 201)
  })
})
