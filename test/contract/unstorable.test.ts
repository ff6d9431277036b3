import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { createHall, line } from '../helpers/hall.ts'

/** Texts that PostgreSQL has no room for, or that can't be written in UTF-8. */
const UNSTORABLE = ['\0', 'A-1-1\0', '\ud800', 'A-1-\udc00']

const PROBLEM = { accept: 'application/problem+json' }
const BAD = { status: 400, code: /^(?!data_refused)/ }

t.test('texts that cannot be stored', async (t) => {
  const api = await createApi(t)
  const { ask, reserve } = api
  const eventId = await createHall(api)
  const { body: made } = await reserve(eventId, 'ann', { lines: [line('stalls', ['A-1-1'])] })

  await t.test('are labels of no seat', async (t) => {
    await ask('POST', `/events/${eventId}/seats/block`, { labels: ['A-1-2'] })
    for (const label of UNSTORABLE) {
      for (const how of ['block', 'unblock']) {
        const labels = ['A-1-2', label]
        const answer = await ask('POST', `/events/${eventId}/seats/${how}`, { labels }, PROBLEM)
        t.match(answer.body, { status: 400, code: 'labels_invalid', labels: [label] }, how)
      }
      const lines = [line('stalls', [label])]
      const asked = { event_id: eventId, user_id: 'bob', lines }
      const refused = await ask('POST', '/bookings/reserve', asked, PROBLEM)
      t.match(refused.body, { status: 400, code: 'labels_invalid' })
      const moved = await ask('PATCH', `/bookings/${made.booking.id}`, { lines }, PROBLEM)
      t.match(moved.body, { status: 400, code: 'labels_invalid' })
    }
    const { body } = await ask('GET', `/events/${eventId}/seats?status=blocked`)
    t.match(body.seats, [{ label: 'A-1-2' }])
  })

  await t.test('are refused in every other place of a body', async (t) => {
    const other = { event_id: eventId, user_id: 'bob' }
    const places: [
      method: 'POST' | 'PUT' | 'PATCH',
      url: string,
      body: (text: string) => object,
    ][] = [
      ['POST', '/events', (name) => ({ name, total_seats: 1 })],
      ['PATCH', `/events/${eventId}`, (name) => ({ name })],
      ['PATCH', `/events/${eventId}`, (time_zone) => ({ time_zone })],
      ['PATCH', `/events/${eventId}`, (text) => ({ metadata: { text } })],
      ['PATCH', `/events/${eventId}`, (key) => ({ pools: [{ key, capacity: 1 }] })],
      [
        'PATCH',
        `/events/${eventId}`,
        (name) => ({ ticket_types: [{ key: 'a', name, pools: [] }] }),
      ],
      [
        'PATCH',
        `/events/${eventId}`,
        (pool) => ({ ticket_types: [{ key: 'a', name: 'A', pools: [pool] }] }),
      ],
      [
        'PUT',
        `/events/${eventId}/seating`,
        (key) => ({ sections: [{ key, rows: [{ key: '1', seats: ['1'] }] }] }),
      ],
      [
        'PUT',
        `/events/${eventId}/seating`,
        (pool) => ({ sections: [{ key: 'A', pool, rows: [{ key: '1', seats: ['1'] }] }] }),
      ],
      [
        'PUT',
        `/events/${eventId}/seating`,
        (seat) => ({ sections: [{ key: 'A', rows: [{ key: '1', seats: [seat] }] }] }),
      ],
      ['POST', '/bookings/reserve', (user_id) => ({ ...other, user_id })],
      ['POST', '/bookings/reserve', (text) => ({ ...other, metadata: { [text]: 1 } })],
      [
        'POST',
        '/bookings/reserve',
        (ticket_type) => ({ ...other, lines: [{ ticket_type, seats: 1 }] }),
      ],
      ...[false, true].map((waitlist): (typeof places)[number] => [
        'POST',
        '/bookings/reserve',
        (section) => ({
          ...{ ...other, waitlist },
          lines: [{ ticket_type: 'stalls', seats: 1, best_available: { section } }],
        }),
      ]),
      ['POST', '/keys', (name) => ({ name, scopes: ['admin'] })],
    ]
    for (const [method, url, bodyOf] of places) {
      for (const text of UNSTORABLE) {
        const { body } = await ask(method, url, bodyOf(text), PROBLEM)
        const what = `${method} ${url} ${JSON.stringify(bodyOf(text))}`
        t.match(body, url === '/keys' ? { status: /40[03]/ } : BAD, `${what} ${body.detail}`)
      }
    }
  })

  await t.test('are refused in a query or a path, or found nowhere', async (t) => {
    const cursorOf = (...parts: unknown[]) =>
      Buffer.from(JSON.stringify(parts)).toString('base64url')
    const texts = ['%00', 'A%00', '%ED%A0%80', '%FF']
    const cursors = UNSTORABLE.flatMap((text) => [
      `/events?sort=name&cursor=${cursorOf('events/name/asc', text, 1)}`,
      `/events/${eventId}/seats?cursor=${cursorOf(`seats/${eventId}`, text)}`,
      `/keys?cursor=${cursorOf('keys', text)}`,
    ])
    const places = texts.flatMap((text) => [
      `/events?name=${text}`,
      `/events?cursor=${text}`,
      `/events/${text}`,
      `/events/${eventId}/seats?section=${text}`,
      `/events/${eventId}/seats?status=${text}`,
      `/bookings?user_id=${text}`,
      `/bookings?reference=${text}`,
      `/bookings/${text}`,
      `/events/${eventId}/history?after=${text}`,
      `/keys/${text}`,
    ])
    for (const url of [...cursors, ...places]) {
      const { status, body } = await ask('GET', url, undefined, PROBLEM)
      // What is no UTF-8 stays as it is written, percent signs and all.
      const isFoundNowhere = status === 200 && /%(ED|FF)/.test(url) && body.next_cursor === null
      t.ok(isFoundNowhere || status === 400 || status === 404, `${url} ${JSON.stringify(body)}`)
    }
  })
})
