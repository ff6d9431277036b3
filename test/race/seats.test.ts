import type pg from 'pg'
import t, { type Test } from 'tap'
import { PATIENT } from '../helpers/app.ts'
import { plainReserve } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { kindOf } from '../helpers/outcomes.ts'
import { createEvent, crowd } from '../helpers/race.ts'
import { startService } from '../helpers/service.ts'
import { executeWithoutLocks } from './executors.ts'
import { holdersOf, named, raceFor, type LineOf, type ReserveLine } from './numbered.ts'

// A numbered seat, wanted by many at once.

const CLIENTS = 200
const ROUNDS = 50
const SEATS = 30

const HALL = { sections: [{ key: 'A', rows: [{ key: '1', seats: { from: 1, to: SEATS } }] }] }

/** An event with room for all: only the seats that are named can be had by one alone. */
async function createHall(pool: pg.Pool, baseUrl: string): Promise<number> {
  const id = await createEvent(pool, 10 * CLIENTS, { maxSeatsPerBooking: 2 })
  const response = await fetch(`${baseUrl}/api/events/${id}/seating`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(HALL),
  })
  if (response.status !== 200) throw new Error(`no seating: ${await response.text()}`)
  return id
}

const theSame: LineOf = () => named('A-1-7')
/** Each wants a seat of the one before it, and one of the one behind it. */
const overlapping: LineOf = (client) => {
  const first = 1 + (client % (SEATS - 1))
  return named(`A-1-${first}`, `A-1-${first + 1}`)
}
const bestPair: LineOf = () => ({
  ...{ ticketType: 'default', seats: 2, bestAvailable: { section: null, split: false } },
})

/** Reserves over HTTP, by turns at each of the services. */
function reserveOver(baseUrls: readonly string[]): ReserveLine {
  let turn = 0
  return async (eventId, userId, { ticketType, seats, labels, bestAvailable }) => {
    const response = await fetch(`${baseUrls[turn++ % baseUrls.length]}/api/bookings/reserve`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/problem+json' },
      body: JSON.stringify({
        event_id: eventId,
        user_id: userId,
        lines: [{ ticket_type: ticketType, seats, labels, best_available: bestAvailable && {} }],
      }),
    })
    const body = (await response.json()) as { code?: string }
    return response.status === 201 ? 'booked' : `${response.status} ${body.code}`
  }
}

t.test('two processes on one database', async (t) => {
  const database = await createTestDatabase(t)
  const services = await Promise.all([1, 2].map(() => startService(t, database.url, PATIENT)))
  const urls = services.map(({ baseUrl }) => baseUrl)
  const reserve = reserveOver(urls)
  const create = () => createHall(database.pool, urls[0] ?? '')

  await t.test('one gets the seat that all name', async (t) => {
    for (let round = 0; round < 5; round += 1) {
      const id = await create()
      const counts = await raceFor(reserve, crowd(id, CLIENTS), theSame)
      t.strictSame(counts, { booked: 1, '409 seats_taken': CLIENTS - 1 })
      t.strictSame(await holdersOf(database.pool, id), { 'A-1-7': [1, 1] })
    }
  })

  await t.test('of two seats both are had, or neither', async (t) => {
    for (let round = 0; round < 5; round += 1) {
      const id = await create()
      const { booked = 0, ...others } = await raceFor(reserve, crowd(id, CLIENTS), overlapping)
      t.strictSame(others, { '409 seats_taken': CLIENTS - booked })
      const holders = Object.values(await holdersOf(database.pool, id))
      t.equal(holders.length, 2 * booked)
      for (const holder of holders) t.strictSame(holder, [1, 1])
    }
  })

  await t.test('the best seats are given until there are none', async (t) => {
    for (let round = 0; round < 5; round += 1) {
      const id = await create()
      const { booked = 0, ...others } = await raceFor(reserve, crowd(id, CLIENTS), bestPair)
      t.strictSame(others, { '409 seats_not_together': CLIENTS - booked })
      const holders = Object.values(await holdersOf(database.pool, id))
      t.equal(booked, SEATS / 2, 'no seat is left alone')
      t.equal(holders.length, SEATS)
      for (const holder of holders) t.strictSame(holder, [1, 1])
    }
  })
})

function reserveWithoutLocks(t: Test, url: string): ReserveLine {
  const execute = executeWithoutLocks(t, url)
  return async (eventId, userId, line) => {
    const command = plainReserve(eventId, userId, { seats: line.seats, lines: [line] })
    const kind = kindOf(await execute(command))
    return kind === 'booking' ? 'booked' : kind
  }
}

t.test('the control: without the lock and the primary key, two have the seat', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { baseUrl } = await startService(t, url, PATIENT)
  await pool.query('ALTER TABLE taken_seats DROP CONSTRAINT taken_seats_pkey')
  // Two that write the same numbers of a history collide there, as long as they may not.
  await pool.query('ALTER TABLE event_history DROP CONSTRAINT event_history_pkey')
  const reserve = reserveWithoutLocks(t, url)
  let holders = 0
  for (let round = 0; round < ROUNDS && holders < 2; round += 1) {
    const id = await createHall(pool, baseUrl)
    const { booked = 0 } = await raceFor(reserve, crowd(id, CLIENTS), theSame)
    const { 'A-1-7': found } = await holdersOf(pool, id)
    t.strictSame(found, [booked, booked], 'what was promised was written')
    holders = booked
  }
  t.ok(holders > 1, `${holders} have one seat`)
})

t.test('without the lock, but with the primary key, one has the seat', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { baseUrl } = await startService(t, url, PATIENT)
  await pool.query('ALTER TABLE event_history DROP CONSTRAINT event_history_pkey')
  const withoutLocks = reserveWithoutLocks(t, url)
  const reserve: ReserveLine = (...asked) => withoutLocks(...asked).catch(() => 'failed')
  for (let round = 0; round < 5; round += 1) {
    const id = await createHall(pool, baseUrl)
    const counts = await raceFor(reserve, crowd(id, CLIENTS), theSame)
    t.equal(counts['booked'], 1)
    t.strictSame(await holdersOf(pool, id), { 'A-1-7': [1, 1] })
  }
})
