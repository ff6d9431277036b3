import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { best, createHall, line, OFFER } from '../helpers/hall.ts'

const PROBLEM = { accept: 'application/problem+json' }

t.test('what is refused of numbered seats', async (t) => {
  const api = await createApi(t)
  const { ask, reserve, createEvent } = api
  const problemOf = async (eventId: number, lines: object[], more: object = {}) => {
    const asked = { event_id: eventId, user_id: 'zoe', lines, ...more }
    const { body } = await ask('POST', '/bookings/reserve', asked, PROBLEM)
    // What all of a status have alike is left out.
    const told = Object.entries(body as object).filter(([name]) => !/^(type|title)$/.test(name))
    return Object.fromEntries(told)
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
      t.strictSame(await problemOf(eventId, lines), { status: 400, ...problem })
    }
    t.strictSame(await problemOf(eventId, [line('stalls', ['A-1-1'])], { waitlist: true }), {
      ...{ status: 400, code: 'validation_failed' },
      detail: "lines.0.labels can't be waited for: with waitlist, leave them out",
    })
    t.match((await ask('GET', `/events/${eventId}`)).body, { available_seats: 12 })
  })

  await t.test('where the seats have no numbers', async (t) => {
    const eventId = await createEvent(OFFER)
    const text = 'the seats of the event have no numbers'
    for (const wanted of [line('stalls', ['A-1-1']), best('stalls', 1)]) {
      t.strictSame(await problemOf(eventId, [{ ticket_type: 'box', seats: 1 }, wanted]), {
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
    t.strictSame(await problemOf(eventId, [line('box', ['B-1-1']), line('stalls', labels)]), {
      ...{ status: 409, code: 'seats_taken', detail: 'Some of the seats are taken: A-1-5, A-1-2' },
      ...{ line: 1, labels_taken: ['A-1-5', 'A-1-2'] },
    })
    t.strictSame(await problemOf(eventId, [line('box', ['B-1-1']), best('stalls', 5)]), {
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
})
