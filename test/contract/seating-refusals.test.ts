import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { createHall, HALL } from '../helpers/hall.ts'

const PROBLEM = { accept: 'application/problem+json' }

t.test('what is refused of seatings', async (t) => {
  const api = await createApi(t)
  const { ask } = api

  await t.test('seatings that are not right', async (t) => {
    const eventId = await createHall(api)
    const [stalls, box] = HALL.sections
    const row = (seats: unknown, key = '1') => [{ key: 'A', rows: [{ key, seats }] }]
    const wrong: [sections: unknown, detail: string | RegExp, code?: string][] = [
      [undefined, 'sections is required', 'missing_fields'],
      [[], 'sections must not be empty'],
      [[stalls, box, stalls], 'sections.2.key must not be the same as sections.0.key'],
      [
        row(['1', '2', '1']),
        'sections.0.rows.0.seats.2 must not be the same as sections.0.rows.0.seats.0',
      ],
      [row({ from: 3, to: 2 }), 'sections.0.rows.0.seats.to must not be below from'],
      [row({ from: 1, to: 1001 }), 'sections.0.rows.0.seats must be at most 1000 seats, not 1001'],
      [
        Array.from({ length: 1001 }, () => ({ key: 'A', rows: [{ key: '1', seats: ['1'] }] })),
        'sections must have at most 1000 sections in all, not 1001',
      ],
      [row([]), 'sections.0.rows.0.seats must not be empty'],
      [row(['1'], 'a-b'), /^sections\.0\.rows\.0\.key must be 1 to 16 letters/],
      [row(['1'], '\u3164'), /^sections\.0\.rows\.0\.key must .* none of them invisible/],
      [row(['A', 'A\ufe0f']), /^sections\.0\.rows\.0\.seats\.1 must .* none of them invisible/],
      [[{ ...box, key: 'B\u034f' }], /^sections\.0\.key must .* none of them invisible/],
      [
        row('1-10'),
        'sections.0.rows.0.seats must be an array of names, or an object with the integers from and to',
      ],
      [[{ key: 'A' }], /^sections\.0\.rows /],
      [[{ ...box, pool: 'balcony' }], /"B" names the pool "balcony"/, 'unknown_pool'],
    ]
    for (const [sections, detail, code = 'validation_failed'] of wrong) {
      const answer = await ask('PUT', `/events/${eventId}/seating`, { sections }, PROBLEM)
      t.match(answer.body, { status: 400, code, detail })
    }
    t.strictSame((await ask('GET', `/events/${eventId}/seating`)).body, HALL)
    const none = await ask('PUT', '/events/999999/seating', HALL, PROBLEM)
    t.match(none.body, { status: 404, code: 'event_not_found' })
  })

  await t.test('a pool that a section is of stays', async (t) => {
    const eventId = await createHall(api)
    const without = { pools: [], ticket_types: [{ key: 'box', name: 'Box', pools: [] }] }
    const refused = await ask('PATCH', `/events/${eventId}`, without, PROBLEM)
    t.match(refused.body, { status: 400, code: 'unknown_pool', detail: /"A" names the pool/ })
    const [stalls, box] = HALL.sections
    const sections = [{ ...stalls, pool: null }, box]
    t.equal((await ask('PUT', `/events/${eventId}/seating`, { sections })).status, 200)
    t.equal((await ask('PATCH', `/events/${eventId}`, without)).status, 200)
  })
})
