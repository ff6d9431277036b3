import t, { type Test } from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import type { Reservations } from '../../src/engine/engine.ts'
import { cancel, plainReserve } from '../helpers/commands.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import {
  bookingOf,
  isKeyReused,
  isReplayed,
  kindOf,
  refusalOf,
  underKey,
} from '../helpers/outcomes.ts'
import { createEvent, seatsOf } from '../helpers/race.ts'

async function setUp(t: Test, engines = 1) {
  const database = await createTestDatabase(t)
  const all = Array.from({ length: engines }, () => startEngine(t, database.url))
  const [first] = all
  if (first === undefined) throw new RangeError('no engine')
  const reservations = all.map((engine) => engine.reservations)
  return { database, reservations, first: first.reservations, batches: first.batches }
}

type Asked =
  | { kind: 'refused'; refusal: string }
  | { kind: 'key_reused' }
  /** `booking` is its id; null where the answer tells of none. */
  | { kind: 'done' | 'replayed'; booking: number | null }

/** Asks under a key, and tells in short what the answer was. */
async function ask(
  reservations: Reservations,
  command: Command,
  key: string,
  print?: string,
): Promise<Asked> {
  const answer = await reservations.execute(command, underKey(key, print))
  if (isKeyReused(answer)) return { kind: 'key_reused' }
  const refusal = refusalOf(answer)
  if (refusal !== undefined) return { kind: 'refused', refusal }
  const booking = kindOf(answer) === 'booking' ? bookingOf(answer).id : null
  return { kind: isReplayed(answer) ? 'replayed' : 'done', booking }
}

/** The booking that an answer tells of. @throws where it tells of none */
function bookingIn(asked: Asked | undefined): number {
  const booking = asked !== undefined && 'booking' in asked ? asked.booking : null
  if (booking === null) throw new TypeError('the answer tells of no booking')
  return booking
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
  t.match(done, { kind: 'done', booking: Number })
  const booking = bookingIn(done)
  const replayed = { kind: 'replayed', booking }
  t.same(await ask(first, plainReserve(eventId, 'ann'), 'k'), replayed)
  t.same(await ask(first, plainReserve(eventId, 'ann'), 'k'), replayed)
  t.same(await seatsOf(database.pool, eventId), { rows: 1, users: 1, taken: 1 })
  t.same(await ask(first, plainReserve(eventId, 'ann'), 'other'), {
    kind: 'refused',
    refusal: 'already_booked',
  })

  t.same(await ask(first, cancel(eventId, booking), 'c'), { kind: 'done', booking: null })
  t.same(await ask(first, cancel(eventId, booking), 'c'), { kind: 'replayed', booking: null })
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
  const replayed = { kind: 'replayed', booking: bookingIn(done) }
  for (const other of others) t.same(other, replayed)
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
  const { database, first, batches } = await setUp(t)
  const eventId = await createEvent(database.pool, 0)
  const crowd = Array.from({ length: 300 }, () => ask(first, plainReserve(eventId, 'ann'), 'k'))
  const other = ask(first, plainReserve(eventId, 'bob'), 'other')
  const refused = { kind: 'refused', refusal: 'sold_out' }
  for (const answer of await Promise.all(crowd)) t.same(answer, refused)
  t.same(await other, refused)
  t.same(await keysOf(database), [])
  t.equal(batches.length, 1)
})
