import t from 'tap'
import { createTestDatabase } from '../helpers/database.ts'
import { reservePlain, startEngine } from '../helpers/engine.ts'
import { createEvent, seatsOf, type Attempt } from '../helpers/race.ts'
import { randomOf, seedFor } from '../helpers/random.ts'

// The promise: however the commands fall into batches and lanes, what comes of them is what would
// have come of one after the other, event by event, in their order of arrival.

const COMMANDS = 6000
const USERS = 40
const NO_EVENT = 2_000_000_000

/** The rules, as briefly as they can be said: a set of users for each event. */
class Model {
  readonly #events = new Map<number, { seats: number; users: Set<string> }>()

  addEvent(id: number, seats: number): void {
    this.#events.set(id, { seats, users: new Set() })
  }

  reserve({ eventId, userId }: Attempt): string {
    const event = this.#events.get(eventId)
    if (event === undefined) return 'event_not_found'
    if (event.users.has(userId)) return 'already_booked'
    if (event.users.size === event.seats) return 'sold_out'
    event.users.add(userId)
    return 'booked'
  }

  holds(id: number): number {
    return this.#events.get(id)?.users.size ?? 0
  }
}

t.test(`${COMMANDS} commands against a model`, async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { below } = randomOf(seedFor(t))
  const model = new Model()
  // Engines of several shapes by turns, as if the service had been restarted.
  const engines = [
    { LANES: '1', MAX_BATCH_SIZE: '1' },
    { LANES: '2', MAX_BATCH_SIZE: '7' },
    { LANES: '4', MAX_BATCH_SIZE: '512' },
  ].map((environment) => startEngine(t, url, { environment }))
  const events: number[] = [NO_EVENT]
  const counts: Record<string, number> = {}
  const wrong: unknown[] = []
  for (let done = 0; done < COMMANDS;) {
    if (events.length < 2 || below(3) === 0) {
      const seats = below(USERS)
      const id = await createEvent(pool, seats)
      model.addEvent(id, seats)
      events.push(id)
    }
    const engine = engines[below(engines.length)]
    if (engine === undefined) throw new Error('there is no engine')
    const lately = events.slice(-6)
    const attempts = Array.from({ length: 1 + below(80) }, () => ({
      eventId: below(20) === 0 ? NO_EVENT : (lately[below(lately.length)] ?? NO_EVENT),
      userId: `user ${below(USERS)}`,
    }))
    const outcomes = await Promise.all(
      attempts.map(({ eventId, userId }) => reservePlain(engine.reservations, eventId, userId)),
    )
    attempts.forEach((attempt, i) => {
      const expected = model.reserve(attempt)
      counts[expected] = (counts[expected] ?? 0) + 1
      if (outcomes[i] !== expected) wrong.push({ ...attempt, expected, got: outcomes[i] })
    })
    done += attempts.length
  }
  t.same(wrong, [], 'every outcome is the model’s')
  t.comment(`${JSON.stringify(counts)}, ${events.length - 1} events`)
  for (const kind of ['booked', 'already_booked', 'sold_out', 'event_not_found']) {
    t.ok((counts[kind] ?? 0) > 50, `${kind} occurred`)
  }
  const real = await Promise.all(events.slice(1).map((id) => seatsOf(pool, id)))
  const expected = events.slice(1).map((id) => model.holds(id))
  t.same(
    real,
    expected.map((held) => ({ rows: held, users: held, taken: held })),
    'every event holds what the model’s does',
  )
  const largest = Math.max(...engines.flatMap(({ batches }) => batches.map(({ size }) => size)))
  t.ok(largest > 20, `the largest batch had ${largest} commands`)
})
