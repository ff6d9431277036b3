import t from 'tap'
import { createApi } from '../helpers/api.ts'

const PROBLEM = { accept: 'application/problem+json' }

/** Four seats; two of them in the front, which VIPs alone may have. */
const HALL = {
  total_seats: 4,
  max_seats_per_booking: 4,
  pools: [{ key: 'front', capacity: 2 }],
  ticket_types: [
    { key: 'adult', name: 'Adult' },
    { key: 'vip', name: 'VIP', pools: ['front'], max_per_booking: 2 },
  ],
}
interface Shown {
  readonly ticket_types: readonly object[]
  readonly pools: readonly object[]
  readonly available_seats: number
  readonly waitlist_length: number
}

const of = (ticketType: string, seats = 1) => ({ ticket_type: ticketType, seats })

t.test('pools and ticket types', async (t) => {
  const { ask, createEvent, reserve, expire, readAll } = await createApi(t)
  const eventOf = async (id: number): Promise<Shown> => {
    const { body }: { body: Shown } = await ask('GET', `/events/${id}`)
    return body
  }
  const problemOf = async (eventId: number, userId: string, more: object): Promise<object> => {
    const request = { event_id: eventId, user_id: userId, ...more }
    const { body }: { body: object } = await ask('POST', '/bookings/reserve', request, PROBLEM)
    return body
  }

  await t.test('an event shows what it sells, and what is left of it', async (t) => {
    const { status, body } = await ask('POST', '/events', { name: 'Concert', ...HALL })
    t.equal(status, 201)
    const times = { sales_start_at: null, sales_end_at: null }
    const shown = {
      pools: [{ key: 'front', capacity: 2, available: 2 }],
      ticket_types: [
        { key: 'adult', name: 'Adult', pools: [], max_per_booking: null, ...times, available: 4 },
        { key: 'vip', name: 'VIP', pools: ['front'], max_per_booking: 2, ...times, available: 2 },
      ],
    }
    t.match(body, shown)
    t.strictSame(await eventOf(body.id), body)
    await reserve(body.id, 'ann', { lines: [of('adult', 2), of('vip')] })
    const left = await eventOf(body.id)
    t.match(left, { available_seats: 1, pools: [{ available: 1 }] })
    t.match(left.ticket_types, [{ available: 1 }, { available: 1 }])
    const plain = await ask('POST', '/events', { name: 'Plain', total_seats: 1 })
    t.match(plain.body, { pools: [], ticket_types: [] })
  })

  await t.test('what does not go together is refused, and changes nothing', async (t) => {
    const wrong: [object, string][] = [
      [
        {
          pools: [
            { key: 'a', capacity: 1 },
            { key: 'a', capacity: 2 },
          ],
        },
        'duplicate_key',
      ],
      [{ ticket_types: [{ key: 'x', name: 'X', pools: ['nowhere'] }] }, 'unknown_pool'],
      [
        {
          ticket_types: [
            { key: 'x', name: 'X' },
            { key: 'x', name: 'Y' },
          ],
        },
        'duplicate_key',
      ],
      [{ pools: [{ key: 'Not A Key', capacity: 1 }] }, 'validation_failed'],
      [{ pools: [{ key: 'a', capacity: -1 }] }, 'validation_failed'],
      [{ pools: [{ key: 'a' }] }, 'validation_failed'],
      [
        {
          ticket_types: [
            {
              ...{ key: 'x', name: 'X' },
              ...{ sales_start_at: '2030-01-02T00:00:00Z', sales_end_at: '2030-01-01T00:00:00Z' },
            },
          ],
        },
        'sales_window_invalid',
      ],
    ]
    const id = await createEvent({ total_seats: 3 })
    const before = await eventOf(id)
    for (const [settings, code] of wrong) {
      const event = { name: 'Wrong', total_seats: 3, ...settings }
      const made = await ask('POST', '/events', event, PROBLEM)
      t.match(made, { status: 400, body: { code } }, JSON.stringify(settings))
      const changed = await ask('PATCH', `/events/${id}`, settings, PROBLEM)
      t.match(changed, { status: 400, body: { code } }, JSON.stringify(settings))
    }
    t.strictSame(await eventOf(id), before)
  })

  await t.test('a booking shows its lines, wherever it is shown', async (t) => {
    const eventId = await createEvent(HALL)
    const lines = [of('adult'), of('vip', 2)]
    const { status, body } = await reserve(eventId, 'ann', { lines })
    t.match([status, body.booking], [201, { seats: 3, lines }])
    const { id } = body.booking
    t.match((await ask('GET', `/bookings/${id}`)).body.lines, lines)
    const { body: list } = await ask('GET', `/bookings?event_id=${eventId}`)
    t.match(list.bookings[0].lines, lines)
    const history = await readAll(`/events/${eventId}/history`, 'history', 10)
    t.match(history.at(-1), { type: 'booked', seats_after: 3, lines })
    t.match(history[0], { type: 'event_created', lines: null, settings: { pools: HALL.pools } })
  })

  await t.test('seats alone are of the only type; of several, lines tell', async (t) => {
    const only = await createEvent({ ...HALL, ticket_types: [HALL.ticket_types[1]] })
    const made = await reserve(only, 'ann', { seats: 2 })
    t.match(made.body.booking, { seats: 2, lines: [of('vip', 2)] })
    t.match((await eventOf(only)).pools, [{ available: 0 }])
    const several = await createEvent(HALL)
    t.match(await problemOf(several, 'ann', { seats: 1 }), { status: 400, code: 'lines_required' })
    t.match(await problemOf(several, 'ann', {}), { status: 400, code: 'lines_required' })
    t.match(await problemOf(several, 'ann', { seats: 1, lines: [of('adult')] }), {
      ...{ status: 400, code: 'validation_failed' },
      detail: 'seats and lines must not both be given',
    })
    const plain = await createEvent()
    t.match((await reserve(plain, 'ann', { lines: [of('default')] })).body.booking, {
      lines: [of('default')],
    })
  })

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
    t.match((await eventOf(eventId)).available_seats, 3, 'all or nothing')
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

  await t.test('an expired hold takes nothing of a pool', async (t) => {
    const eventId = await createEvent(HALL)
    const { body } = await reserve(eventId, 'ann', { lines: [of('vip', 2)], hold: true })
    t.match((await eventOf(eventId)).pools, [{ available: 0 }])
    await expire(body.booking.id)
    t.match(await eventOf(eventId), { available_seats: 4, pools: [{ available: 2 }] })
    t.equal((await reserve(eventId, 'bob', { lines: [of('vip', 2)] })).status, 201)
    t.match(await eventOf(eventId), { available_seats: 2, pools: [{ available: 0 }] })
  })

  await t.test('those who wait have lines, and are served by them', async (t) => {
    const eventId = await createEvent(HALL)
    const first = await reserve(eventId, 'ann', { lines: [of('vip', 2)] })
    const waiting = await reserve(eventId, 'bob', { lines: [of('vip')], waitlist: true })
    t.match(waiting.body.waitlist_entry, { seats: 1, lines: [of('vip')], position: 1 })
    const { body: list } = await ask('GET', `/events/${eventId}/waitlist`)
    t.match(list.waitlist[0].lines, [of('vip')])
    const { id } = waiting.body.waitlist_entry
    t.match((await ask('GET', `/waitlist/${id}`)).body.lines, [of('vip')])
    const changed = await ask('PATCH', `/bookings/${first.body.booking.id}`, {
      lines: [of('vip'), of('adult')],
    })
    t.match([changed.status, changed.body], [200, { seats: 2, lines: [of('vip'), of('adult')] }])
    const { body: ofBob } = await ask('GET', `/bookings?event_id=${eventId}&user_id=bob`)
    t.match(ofBob.bookings, [{ seats: 1, lines: [of('vip')] }])
    t.match((await eventOf(eventId)).waitlist_length, 0)
  })

  await t.test('who waits and books something else gives up the place in line', async (t) => {
    const eventId = await createEvent(HALL)
    await reserve(eventId, 'ann', { lines: [of('vip', 2)] })
    await reserve(eventId, 'bob', { lines: [of('vip')], waitlist: true })
    t.equal((await reserve(eventId, 'bob', { lines: [of('adult')] })).status, 201)
    t.match(await eventOf(eventId), { waitlist_length: 0, available_seats: 1 })
    const history = await readAll(`/events/${eventId}/history`, 'history', 10)
    t.strictSame(
      history.slice(-2).map(({ type }) => type),
      ['left_waitlist', 'booked'],
    )
  })

  await t.test('lines change in one step, also where the event is full', async (t) => {
    const eventId = await createEvent(HALL)
    const { body } = await reserve(eventId, 'ann', { lines: [of('adult', 2)] })
    await reserve(eventId, 'bob', { lines: [of('adult'), of('vip')] })
    const url = `/bookings/${body.booking.id}`
    t.match((await eventOf(eventId)).available_seats, 0)
    const changed = await ask('PATCH', url, { lines: [of('adult'), of('vip')] })
    t.match([changed.status, changed.body.lines], [200, [of('adult'), of('vip')]])
    t.match((await eventOf(eventId)).pools, [{ available: 0 }])
    const refused = await ask('PATCH', url, { lines: [of('vip', 2)] }, PROBLEM)
    t.match(refused.body, { status: 409, code: 'sold_out', pool: 'front', available: 0 })
    const unclear = await ask('PATCH', url, { seats: 1 }, PROBLEM)
    t.match(unclear.body, { status: 400, code: 'lines_required' })
    const neither = await ask('PATCH', url, {}, PROBLEM)
    t.match(neither.body, { status: 400, code: 'missing_fields' })
    t.match((await ask('GET', url)).body.lines, [of('adult'), of('vip')])
  })

  await t.test('a pool is never less than what is taken, or waited for', async (t) => {
    const eventId = await createEvent(HALL)
    const url = `/events/${eventId}`
    const { body } = await reserve(eventId, 'ann', { lines: [of('vip')] })
    await reserve(eventId, 'bob', { lines: [of('vip', 2)], waitlist: true })
    const change = (settings: object) => ask('PATCH', url, settings, PROBLEM)
    const to = (capacity: number) => ({ pools: [{ key: 'front', capacity }] })
    t.match((await change(to(0))).body, {
      ...{ status: 409, code: 'capacity_below_taken', pool: 'front' },
      detail: 'capacity of the pool "front" must not be less than the 1 seats taken',
    })
    t.match((await change(to(1))).body, {
      ...{ status: 409, code: 'capacity_below_waiting', pool: 'front' },
      detail:
        'capacity of the pool "front" must not be less than the 2 seats that somebody in line waits for',
    })
    t.match((await change({ pools: [], ticket_types: [] })).body, {
      ...{ status: 409, pool: 'front' },
    })
    t.equal((await change({ pools: [] })).body.code, 'unknown_pool')
    t.match((await change(to(3))).body, { waitlist_length: 0, pools: [{ available: 0 }] })
    await ask('DELETE', `/bookings/${body.booking.id}`)
    t.match((await change(to(2))).body, { pools: [{ capacity: 2, available: 0 }] })
  })

  await t.test('a request that is sent again is answered with the same lines', async (t) => {
    const eventId = await createEvent(HALL)
    const request = { event_id: eventId, user_id: 'ann', lines: [of('vip'), of('adult')] }
    const key = { 'idempotency-key': `lines-${eventId}` }
    const first = await ask('POST', '/bookings/reserve', request, key)
    const again = await ask('POST', '/bookings/reserve', request, key)
    t.equal(again.headers['idempotency-replayed'], 'true')
    t.strictSame(again.body, first.body)
    const other = { ...request, lines: [of('vip'), of('vip')] }
    t.equal((await ask('POST', '/bookings/reserve', other, key)).status, 422)
  })
})
