import t from 'tap'
import { createPoolsApi, HALL, leftIn, of, PROBLEM } from '../helpers/pools.ts'

t.test('pools and ticket types', async (t) => {
  const { ask, createEvent, reserve, expire, eventOf } = await createPoolsApi(t)

  await t.test('an event shows what it sells, and what is left of it', async (t) => {
    const { status, body } = await ask('POST', '/events', { name: 'Concert', ...HALL })
    t.equal(status, 201)
    const times = { sales_start_at: null, sales_end_at: null }
    const offer = {
      pools: [{ key: 'front', capacity: 2, available: 2 }],
      ticket_types: [
        { key: 'adult', name: 'Adult', pools: [], max_per_booking: null, ...times, available: 4 },
        { key: 'vip', name: 'VIP', pools: ['front'], max_per_booking: 2, ...times, available: 2 },
      ],
    }
    t.match(body, offer)
    t.same([body.pools.length, body.ticket_types.length], [1, 2])
    t.strictSame(await eventOf(body.id), body)
    await reserve(body.id, 'ann', { lines: [of('adult', 2), of('vip')] })
    const left = await eventOf(body.id)
    t.same([left.available_seats, leftIn(left)], [1, [1]])
    t.same(
      left.ticket_types.map(({ available }) => available),
      [1, 1],
    )
    const plain = await ask('POST', '/events', { name: 'Plain', total_seats: 1 })
    t.same([plain.body.pools, plain.body.ticket_types], [[], []])
  })

  await t.test('what does not go together is refused, and changes nothing', async (t) => {
    const wrong: [object, string, RegExp?][] = [
      [
        {
          pools: [
            { key: 'a', capacity: 1 },
            { key: 'a', capacity: 2 },
          ],
        },
        'duplicate_key',
        /^pools\.1\.key must be unique, which "a" is not$/,
      ],
      [
        {
          pools: [{ key: 'a', capacity: 1 }],
          ticket_types: [
            { key: 'x', name: 'X' },
            { key: 'y', name: 'Y', pools: ['a', 'nowhere'] },
          ],
        },
        'unknown_pool',
        /^ticket_types\.1\.pools\.1 must be a pool of the event, which "nowhere" is not$/,
      ],
      [
        {
          ticket_types: [
            { key: 'x', name: 'X' },
            { key: 'x', name: 'Y' },
          ],
        },
        'duplicate_key',
        /^ticket_types\.1\.key must be unique, which "x" is not$/,
      ],
      [
        { ticket_types: [{ key: 'x', name: 'X', sales_end_at: '2026-01-01T00:00Z' }] },
        'validation_failed',
        /^ticket_types\.0\.sales_end_at must be an ISO 8601 date-time with its offset/,
      ],
      [
        { ticket_types: [{ key: 'x', name: 'X', sales_start_at: '2026-01-01' }] },
        'validation_failed',
        /^ticket_types\.0\.sales_start_at must be an ISO 8601 date-time with its offset/,
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
    for (const [settings, code, detail = /./] of wrong) {
      const event = { name: 'Wrong', total_seats: 3, ...settings }
      const made = await ask('POST', '/events', event, PROBLEM)
      t.match(made, { status: 400, body: { code, detail } }, JSON.stringify(settings))
      const changed = await ask('PATCH', `/events/${id}`, settings, PROBLEM)
      t.match(changed, { status: 400, body: { code, detail } }, JSON.stringify(settings))
    }
    t.strictSame(await eventOf(id), before)
  })

  await t.test('an expired hold takes nothing of a pool', async (t) => {
    const eventId = await createEvent(HALL)
    const { body } = await reserve(eventId, 'ann', { lines: [of('vip', 2)], hold: true })
    t.same(leftIn(await eventOf(eventId)), [0])
    await expire(body.booking.id)
    t.match(await eventOf(eventId), { available_seats: 4 })
    t.same(leftIn(await eventOf(eventId)), [2])
    t.equal((await reserve(eventId, 'bob', { lines: [of('vip', 2)] })).status, 201)
    t.match(await eventOf(eventId), { available_seats: 2 })
    t.same(leftIn(await eventOf(eventId)), [0])
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
    t.match((await change({ pools: [] })).body, {
      ...{ code: 'unknown_pool', key: 'vip', pool: 'front' },
      detail: 'ticket_types.1.pools.0 must be a pool of the event, which "front" is not',
    })
    const { body: served } = await change(to(3))
    t.same([served.waitlist_length, leftIn(served)], [0, [0]])
    await ask('DELETE', `/bookings/${body.booking.id}`)
    t.same((await change(to(2))).body.pools, [{ key: 'front', capacity: 2, available: 0 }])
  })
})
