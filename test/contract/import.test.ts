import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { createHall, line } from '../helpers/hall.ts'
import { answersOf, linesOf, NDJSON } from '../helpers/import.ts'
import { importerOf, told } from '../helpers/importer.ts'

t.test('lines are answered in their order, each for itself', async (t) => {
  const api = await createApi(t)
  const { ask } = importerOf(api)
  const eventId = await api.createEvent({ total_seats: 4, max_seats_per_booking: 2 })

  await t.test('as a request to reserve would be', async (t) => {
    const lines = [
      { user_id: 'ann', metadata: { row: 1 }, seats: null },
      { user_id: 'ann' },
      { user_id: 'bob', seats: 3 },
      { seats: 1 },
      { user_id: 'bob', seats: '1' },
      { user_id: 'cid', hold: true, event_id: eventId },
      { user_id: 'dan', event_id: eventId + 1 },
      { user_id: 'dan', seats: 2, lines: [{ ticket_type: 'default', seats: 2 }] },
      { user_id: 'dan', lines: [{ ticket_type: 'vip', seats: 2 }] },
      { user_id: 'eve', seats: 2 },
      { user_id: 'fay' },
      { user_id: 'gus', waitlist: true },
    ]
    const response = await ask(eventId, linesOf(...lines))
    t.match(response, { statusCode: 200, headers: { 'content-type': NDJSON } })
    const answers = answersOf(response.body)
    t.strictSame(answers.map(told), [
      [1, 201],
      [2, 409, 'already_booked', 'User already booked for this event'],
      [3, 400, 'too_many_seats', 'seats must be an integer between 1 and 2'],
      [4, 400, 'missing_fields', 'user_id is required'],
      [5, 400, 'validation_failed', 'seats must be an integer between 1 and 1000'],
      [6, 201],
      [7, 400, 'validation_failed', 'event_id must be left out, or be that of the path'],
      [8, 400, 'validation_failed', 'seats and lines must not both be given'],
      [
        9,
        400,
        'unknown_ticket_type',
        'lines.0.ticket_type must be a ticket type of the event, which "vip" is not',
      ],
      [10, 201],
      [11, 409, 'sold_out', 'No seats available'],
      [12, 202],
    ])
    for (const { booking, waitlist_entry: entry } of answers) {
      if (booking !== undefined) {
        t.strictSame((await api.ask('GET', `/bookings/${booking.id}`)).body, booking)
      }
      if (entry !== undefined) {
        t.strictSame((await api.ask('GET', `/waitlist/${entry.id}`)).body, entry)
      }
    }
    // The envelope of problem details, as a request gets it.
    const again = { event_id: eventId, user_id: 'ann' }
    const problem = { accept: 'application/problem+json' }
    const { body } = await api.ask('POST', '/bookings/reserve', again, problem)
    t.strictSame(answers[1]?.error, body)
  })
})

t.test('numbered seats', async (t) => {
  const api = await createApi(t)
  const { send } = importerOf(api)
  const hall = await createHall(api)
  const best = { ticket_type: 'stalls', seats: 2, best_available: {} }
  const answers = await send(
    hall,
    linesOf(
      { user_id: 'ann', lines: [line('stalls', ['A-1-1', 'A-1-2'])] },
      { user_id: 'bob', lines: [line('child', ['A-1-2'])] },
      { user_id: 'cid', lines: [line('box', ['A-1-3'])] },
      { user_id: 'dan', lines: [best] },
    ),
  )
  t.match(answers, [
    { status: 201, booking: { lines: [{ labels: ['A-1-1', 'A-1-2'] }] } },
    { status: 409, error: { code: 'seats_taken', labels_taken: ['A-1-2'] } },
    { status: 400, error: { code: 'labels_invalid' } },
    { status: 201, booking: { lines: [{ labels: { length: 2 } }] } },
  ])
})
