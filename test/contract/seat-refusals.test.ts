import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { best, createHall, HALL, line, OFFER } from '../helpers/hall.ts'

const PROBLEM = { accept: 'application/problem+json' }

t.test('what is refused of numbered seats', async (t) => {
  const api = await createApi(t)
  const { ask, reserve, createEvent } = api
  const problemOf = async (eventId: number, lines: object[], more: object = {}) => {
    const asked = { event_id: eventId, user_id: 'zoe', lines, ...more }
    const { body } = await ask('POST', '/bookings/reserve', asked, PROBLEM)
    return body as Record<string, unknown>
  }

  await t.test('labels and sections that are wrong', async (t) => {
    const eventId = await createHall(api)
    const refused: [lines: object[], problem: object][] = [
      [
        [line('stalls', ['A-1-1', 'A-9-9', 'A-1-07', 'A-1'])],
        {
          detail: 'lines.0.labels must be those of seats of the event, unlike A-9-9, A-1-07, A-1',
          ...{ code: 'labels_invalid', line: 0, labels: ['A-9-9', 'A-1-07', 'A-1'] },
        },
      ],
      [
        [line('box', ['B-1-1']), { ...line('stalls', ['A-1-1']), seats: 2 }],
        {
          detail: 'lines.1.labels must be as many as the line has seats',
          ...{ code: 'labels_invalid', line: 1, labels: [] },
        },
      ],
      [
        [line('stalls', ['A-1-1', 'A-1-1'])],
        {
          detail: 'lines.0.labels must name each seat once, unlike A-1-1',
          ...{ code: 'labels_invalid', line: 0, labels: ['A-1-1'] },
        },
      ],
      [
        [line('stalls', ['A-1-1']), line('child', ['A-1-2', 'A-1-1'])],
        {
          detail: 'lines.1.labels must name each seat once, unlike A-1-1',
          ...{ code: 'labels_invalid', line: 1, labels: ['A-1-1'] },
        },
      ],
      [
        [line('box', ['B-1-1', 'A-1-1'])],
        {
          detail: 'lines.0.labels must be those of seats that the ticket type is for, unlike A-1-1',
          ...{ code: 'labels_invalid', line: 0, labels: ['A-1-1'] },
        },
      ],
      [
        [line('stalls', ['A-1-1']), best('stalls', 1, { section: 'Z' })],
        {
          detail: 'lines.1.best_available.section must be a section of the event, which "Z" is not',
          ...{ code: 'unknown_section', line: 1, key: 'Z' },
        },
      ],
      [
        [best('box', 1, { section: 'A' })],
        {
          detail:
            'lines.0.best_available.section must be one that the ticket type is for, unlike "A"',
          ...{ code: 'unknown_section', line: 0, key: 'A', pool: 'stalls' },
        },
      ],
      [
        [best('box', 1), { ...line('stalls', ['A-1-1']), best_available: {} }],
        {
          detail: 'lines.1.labels and lines.1.best_available must not both be given',
          code: 'validation_failed',
        },
      ],
    ]
    for (const [lines, problem] of refused) {
      t.match(await problemOf(eventId, lines), { status: 400, ...problem })
    }
    t.match(await problemOf(eventId, [line('stalls', ['A-1-1'])], { waitlist: true }), {
      ...{ status: 400, code: 'validation_failed' },
      detail: "lines.0.labels can't be waited for: with waitlist, leave them out",
    })
    t.match((await ask('GET', `/events/${eventId}`)).body, { available_seats: 12 })
  })

  await t.test('where the seats have no numbers', async (t) => {
    const eventId = await createEvent(OFFER)
    const text = 'the seats of the event have no numbers'
    for (const wanted of [line('stalls', ['A-1-1']), best('stalls', 1)]) {
      t.match(await problemOf(eventId, [{ ticket_type: 'box', seats: 1 }, wanted]), {
        ...{ status: 400, code: 'labels_invalid', line: 1 },
        detail: `lines.1 must have neither labels nor best_available: ${text}`,
      })
    }
    const labels = { labels: ['A-1-1'] }
    for (const change of ['block', 'unblock']) {
      const answer = await ask('POST', `/events/${eventId}/seats/${change}`, labels, PROBLEM)
      t.match(answer.body, {
        status: 400,
        code: 'labels_invalid',
        detail: `labels must not be given: ${text}`,
      })
    }
    for (const list of ['seating', 'seats', 'seats.bin']) {
      const answer = await ask('GET', `/events/${eventId}/${list}`, undefined, PROBLEM)
      t.match(answer.body, { status: 404, code: 'seating_not_found' })
    }
    t.match((await ask('GET', '/events/999999/seats', undefined, PROBLEM)).body, {
      code: 'event_not_found',
    })
  })

  await t.test('seats that others have, and too few side by side', async (t) => {
    const eventId = await createHall(api)
    await reserve(eventId, 'ann', { lines: [line('stalls', ['A-1-2', 'A-1-5'])] })
    const labels = ['A-1-5', 'A-1-1', 'A-1-2']
    t.match(await problemOf(eventId, [line('box', ['B-1-1']), line('stalls', labels)]), {
      ...{ status: 409, code: 'seats_taken', detail: 'Some of the seats are taken: A-1-5, A-1-2' },
      ...{ line: 1, labels_taken: ['A-1-5', 'A-1-2'] },
    })
    t.match(await problemOf(eventId, [line('box', ['B-1-1']), best('stalls', 5)]), {
      ...{ status: 409, code: 'seats_not_together', line: 1 },
      detail: 'No seats side by side are available',
    })
    const apart = best('box', 3, { split: true })
    t.match(await problemOf(eventId, [line('stalls', ['A-1-1']), apart]), {
      ...{ status: 409, code: 'seats_not_together', line: 1, available: 2 },
      detail: 'lines.1 asks for more seats with numbers than the 2 that are free',
    })
    t.match((await ask('GET', `/events/${eventId}`)).body, { available_seats: 10 })
  })

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
      [row({ from: 1, to: 200_000 }), 'sections must have at most 100000 seats in all, not 200000'],
      [row([]), 'sections.0.rows.0.seats must not be empty'],
      [row(['1'], 'a-b'), /^sections\.0\.rows\.0\.key must be 1 to 16 letters/],
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
