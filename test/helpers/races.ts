import type { Test } from 'tap'
import type { TestDatabase } from './database.ts'
import { createEvent, crowd, race, seatsOf, type Reserve } from './race.ts'
import { shuffle } from './random.ts'

/** The races that every set-up must win: one process or several, over HTTP. */
export function runRaces(t: Test, { pool }: TestDatabase, reserve: Reserve): void {
  t.test('500 users for 50 seats: 50 are booked, 450 are told that there is none', async (t) => {
    const eventId = await createEvent(pool, 50)
    t.same(await race(reserve, crowd(eventId, 500)), { 201: 50, 409: 450 })
    t.same(await seatsOf(pool, eventId), { rows: 50, users: 50, taken: 50 })
  })

  t.test('one user 200 times at once: one booking', async (t) => {
    const eventId = await createEvent(pool, 50)
    const attempts = Array.from({ length: 200 }, () => ({ eventId, userId: 'eager' }))
    t.same(await race(reserve, attempts), { 201: 1, 409: 199 })
    t.same(await seatsOf(pool, eventId), { rows: 1, users: 1, taken: 1 })
  })

  t.test('the last seat: one of 100 users gets it', async (t) => {
    const eventId = await createEvent(pool, 1)
    t.same(await race(reserve, crowd(eventId, 100)), { 201: 1, 409: 99 })
    t.same(await seatsOf(pool, eventId), { rows: 1, users: 1, taken: 1 })
  })

  t.test('20 events at once, each user twice at each', async (t) => {
    const events = await Promise.all(Array.from({ length: 20 }, () => createEvent(pool, 10)))
    const attempts = events.flatMap((eventId) => [...crowd(eventId, 15), ...crowd(eventId, 15)])
    t.same(await race(reserve, shuffle(attempts)), { 201: 200, 409: 400 })
    for (const eventId of events) {
      t.same(await seatsOf(pool, eventId), { rows: 10, users: 10, taken: 10 })
    }
  })

  t.test('events that do not exist, among those that do', async (t) => {
    const eventId = await createEvent(pool, 5)
    const attempts = [...crowd(eventId, 20), ...crowd(2_000_000_000, 20)]
    t.same(await race(reserve, shuffle(attempts)), { 201: 5, 404: 20, 409: 15 })
    t.same(await seatsOf(pool, eventId), { rows: 5, users: 5, taken: 5 })
  })
}
