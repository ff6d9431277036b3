import t, { type Test } from 'tap'
import type { Idempotency } from '../../src/engine/orders.ts'
import type { Command } from '../../src/domain/commands.ts'
import type { Reservations } from '../../src/engine/engine.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { createEngine, plainReserve } from '../helpers/engine.ts'
import { createEvent, seatsOf } from '../helpers/race.ts'

/** A request under a key, as a route makes it: the stored answer names the booking. */
function keyed(key: string, fingerprint = 'fingerprint'): { idempotency: Idempotency } {
  return {
    idempotency: {
      key,
      fingerprint,
      represent: ({ result }) =>
        result.kind === 'booking' ? { booking: result.booking.id } : { kind: result.kind },
    },
  }
}

async function setUp(t: Test, engines = 1) {
  const database = await createTestDatabase(t)
  const reservations = Array.from({ length: engines }, () => createEngine(t, database.url))
  const [first] = reservations
  if (first === undefined) throw new RangeError('no engine')
  return { database, reservations, first }
}

/** What a success under a key says of its booking, be it the first answer or a repeated one. */
async function ask(reservations: Reservations, command: Command, key: string, print?: string) {
  const answer = await reservations.execute(command, keyed(key, print))
  if (answer.kind !== 'decided') return answer
  const { outcome } = answer
  if (!outcome.ok) return { kind: 'refused', refusal: outcome.refusal }
  const { result } = outcome
  return { kind: 'done', id: result.kind === 'booking' ? result.booking.id : 0 }
}

async function keysOf({ pool }: TestDatabase): Promise<string[]> {
  const { rows } = await pool.query<{ key: string }>(
    'SELECT key FROM idempotency_keys ORDER BY key',
  )
  return rows.map(({ key }) => key)
}

t.test('the same again has no effect and gets the same answer', async (t) => {
  const { database, first } = await setUp(t)
  const eventId = await createEvent(database.pool, 5)
  const done = await ask(first, plainReserve(eventId, 'ann'), 'k')
  t.match(done, { kind: 'done', id: Number })
  const booking = 'id' in done ? done.id : 0
  const replayed = { kind: 'replayed', response: { booking } }
  t.same(await ask(first, plainReserve(eventId, 'ann'), 'k'), replayed)
  t.same(await ask(first, plainReserve(eventId, 'ann'), 'k'), replayed)
  t.same(await seatsOf(database.pool, eventId), { rows: 1, users: 1, taken: 1 })
  t.same(await ask(first, plainReserve(eventId, 'ann'), 'other'), {
    kind: 'refused',
    refusal: 'already_booked',
  })

  const cancel: Command = { type: 'cancel', eventId, bookingId: booking, requestId: null }
  t.same(await ask(first, cancel, 'c'), { kind: 'done', id: 0 })
  t.same(await ask(first, cancel, 'c'), { kind: 'replayed', response: { kind: 'done' } })
  t.same(await ask(first, plainReserve(eventId, 'ann'), 'k'), replayed, 'not booked anew')
  t.same(await seatsOf(database.pool, eventId), { rows: 0, users: 0, taken: 0 })
})

t.test('what an event that is gone was asked is still known', async (t) => {
  const { database, first } = await setUp(t)
  const eventId = await createEvent(database.pool, 5)
  await ask(first, plainReserve(eventId, 'ann'), 'k')
  await database.pool.query('DELETE FROM events')
  t.match(await ask(first, plainReserve(eventId, 'ann'), 'k'), { kind: 'replayed' })
})

t.test('another request under the key is told so', async (t) => {
  const { database, first } = await setUp(t)
  const eventId = await createEvent(database.pool, 5)
  await ask(first, plainReserve(eventId, 'ann'), 'k', 'one')
  const other = await createEvent(database.pool, 5)
  for (const event of [eventId, other]) {
    t.same(await ask(first, plainReserve(event, 'bob'), 'k', 'another'), { kind: 'key_reused' })
  }
  t.same(await seatsOf(database.pool, eventId), { rows: 1, users: 1, taken: 1 })
  t.same(await seatsOf(database.pool, other), { rows: 0, users: 0, taken: 0 })
})

t.test('many at once in one engine: one effect, the answer for all', async (t) => {
  const { database, first } = await setUp(t)
  const eventId = await createEvent(database.pool, 5)
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => ask(first, plainReserve(eventId, 'ann'), 'k')),
  )
  const [done, ...others] = answers
  t.match(done, { kind: 'done' }, 'the first to come')
  const response = { booking: done && 'id' in done ? done.id : 0 }
  for (const other of others) t.same(other, { kind: 'replayed', response })
  t.same(await seatsOf(database.pool, eventId), { rows: 1, users: 1, taken: 1 })
})

t.test('at once with another fingerprint: one effect, and the other is told', async (t) => {
  const { database, first } = await setUp(t)
  const eventId = await createEvent(database.pool, 5)
  const [one, another] = await Promise.all([
    ask(first, plainReserve(eventId, 'ann'), 'k', 'one'),
    ask(first, plainReserve(eventId, 'bob'), 'k', 'another'),
  ])
  t.match([one, another], [{ kind: 'done' }, { kind: 'key_reused' }])
  t.same(await seatsOf(database.pool, eventId), { rows: 1, users: 1, taken: 1 })
})

t.test('at once, and the first is refused: the other is decided for itself', async (t) => {
  const { database, first } = await setUp(t)
  const eventId = await createEvent(database.pool, 1)
  const [one, another] = await Promise.all([
    ask(first, plainReserve(eventId, 'ann', { seats: 2 }), 'k', 'one'),
    ask(first, plainReserve(eventId, 'ann'), 'k', 'another'),
  ])
  t.match([one, another], [{ refusal: 'too_many_seats' }, { kind: 'done' }])
})

t.test('at once from several engines on one event', async (t) => {
  const { database, reservations } = await setUp(t, 3)
  for (let round = 0; round < 20; round += 1) {
    const eventId = await createEvent(database.pool, 5)
    const answers = await Promise.all(
      [...reservations, ...reservations].map((engine) =>
        ask(engine, plainReserve(eventId, 'ann'), `k${round}`),
      ),
    )
    const kinds = answers.map(({ kind }) => kind).sort()
    t.same(kinds, ['done', ...Array<string>(5).fill('replayed')])
    t.same(await seatsOf(database.pool, eventId), { rows: 1, users: 1, taken: 1 })
  }
})

t.test('at once from several engines on different events: no lock is shared', async (t) => {
  const { database, reservations } = await setUp(t, 3)
  for (let round = 0; round < 20; round += 1) {
    const events = await Promise.all(reservations.map(() => createEvent(database.pool, 5)))
    const [last = 0] = events
    const prints = reservations.map((_, i) => (round % 2 === 0 ? 'same' : `print ${i}`))
    const answers = await Promise.all(
      reservations.map((engine, i) =>
        ask(engine, plainReserve(events[i] ?? last, 'ann'), `k${round}`, prints[i]),
      ),
    )
    const loser = round % 2 === 0 ? 'replayed' : 'key_reused'
    t.same(answers.map(({ kind }) => kind).sort(), ['done', loser, loser].sort())
    const seats = await Promise.all(events.map((id) => seatsOf(database.pool, id)))
    t.same(seats.map(({ taken }) => taken).sort(), [0, 0, 1], 'one effect')
  }
})

t.test('several keys at once in opposite orders do not deadlock', async (t) => {
  const { database, reservations } = await setUp(t, 2)
  const names = Array.from({ length: 30 }, (_, i) => `k${i}`)
  const events = await Promise.all(reservations.map(() => createEvent(database.pool, 100)))
  const answers = await Promise.all(
    reservations.flatMap((engine, i) =>
      (i === 0 ? names : names.toReversed()).map((name) =>
        ask(engine, plainReserve(events[i] ?? 0, name), name),
      ),
    ),
  )
  const kinds = answers.map(({ kind }) => kind)
  t.equal(kinds.filter((kind) => kind === 'done').length, 30)
  t.equal(kinds.filter((kind) => kind === 'replayed').length, 30)
})

t.test('a refusal is not kept: it may be right the next time', async (t) => {
  const { database, first } = await setUp(t)
  const eventId = await createEvent(database.pool, 0)
  const refused = { kind: 'refused', refusal: 'sold_out' }
  t.same(await ask(first, plainReserve(eventId, 'ann'), 'k'), refused)
  t.same(await keysOf(database), [])
  await database.pool.query('UPDATE events SET total_seats = 1')
  t.match(await ask(first, plainReserve(eventId, 'ann'), 'k'), { kind: 'done' })
  t.same(await keysOf(database), ['k'])
})

t.test('a key is kept for 24 hours', async (t) => {
  const { database, first } = await setUp(t)
  const eventId = await createEvent(database.pool, 5)
  await ask(first, plainReserve(eventId, 'ann'), 'k', 'one')
  const age = (interval: string) =>
    database.pool.query('UPDATE idempotency_keys SET created_at = now() - $1::interval', [interval])

  await age('23 hours 59 minutes')
  t.match(await ask(first, plainReserve(eventId, 'ann'), 'k', 'one'), { kind: 'replayed' })
  await age('24 hours')
  t.match(await ask(first, plainReserve(eventId, 'ann'), 'k', 'one'), { refusal: 'already_booked' })
  t.match(await ask(first, plainReserve(eventId, 'bob'), 'k', 'two'), { kind: 'done' }, 'anew')
  t.match(await ask(first, plainReserve(eventId, 'bob'), 'k', 'two'), { kind: 'replayed' })
  t.same(await seatsOf(database.pool, eventId), { rows: 2, users: 2, taken: 2 })
})

t.test('many at once that are refused share the refusal, and cost one transaction', async (t) => {
  const { database, first } = await setUp(t)
  const eventId = await createEvent(database.pool, 0)
  const crowd = Array.from({ length: 300 }, () => ask(first, plainReserve(eventId, 'ann'), 'k'))
  const other = ask(first, plainReserve(eventId, 'bob'), 'other')
  const refused = { kind: 'refused', refusal: 'sold_out' }
  for (const answer of await Promise.all(crowd)) t.same(answer, refused)
  t.same(await other, refused)
  t.same(await keysOf(database), [])
})
