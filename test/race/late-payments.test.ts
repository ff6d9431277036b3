import type pg from 'pg'
import t from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import { cancelOfUser, confirm, plainReserve, settle } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { bookingOf } from '../helpers/outcomes.ts'
import { createEvent, crowd, seatsOf } from '../helpers/race.ts'
import { check } from '../life/replay.ts'
import { readSnapshot } from '../life/tables.ts'
import { executeInProcesses, executeWithoutLocks, raceOf, type Execute } from './executors.ts'

// Payments that come late, for seats that others want or wait for.

const CLIENTS = 40
const ROUNDS = 5
const LATE = ['ann', 'amy']

interface Late {
  readonly eventId: number
  /** What those ask for who pay late, time and again. */
  readonly payments: readonly Command[]
}

/** An event with one seat, the holds on which have expired one after the other. */
async function createLate(pool: pg.Pool, execute: Execute): Promise<Late> {
  const eventId = await createEvent(pool, 1)
  const payments: Command[] = []
  for (const user of LATE) {
    const { id } = bookingOf(await execute(plainReserve(eventId, user, { hold: true })))
    await pool.query('UPDATE bookings SET expires_at = now() WHERE id = $1', [id])
    await execute(settle(eventId))
    payments.push(...Array.from({ length: 4 }, () => confirm(eventId, id, true)))
  }
  return { eventId, payments }
}

/** Those who pay late among those who want the seat, in an order of no advantage. */
function mixed(payments: readonly Command[], others: readonly Command[]): Command[] {
  const every = Math.floor(others.length / payments.length)
  return others.flatMap((other, i) => {
    const payment = i % every === 0 ? payments[i / every] : undefined
    return payment === undefined ? [other] : [payment, other]
  })
}

async function usersOf(pool: pg.Pool, table: string, eventId: number): Promise<string[]> {
  const { rows } = await pool.query<{ user: string }>(
    `SELECT user_id AS user FROM ${table} WHERE event_id = $1 ORDER BY id`,
    [eventId],
  )
  return rows.map(({ user }) => user)
}

function newcomers(eventId: number, waitlist: boolean): Command[] {
  return crowd(eventId, CLIENTS).map(({ userId }) => plainReserve(eventId, userId, { waitlist }))
}

t.test('two processes on one database', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const execute = await executeInProcesses(t, url)

  await t.test('who pays late or comes anew: one gets the last seat', async (t) => {
    const winners = { late: 0, newcomer: 0 }
    for (let round = 0; round < ROUNDS; round += 1) {
      const { eventId, payments } = await createLate(pool, execute)
      const counts = await raceOf(execute, mixed(payments, newcomers(eventId, false)))
      const [winner = '', ...others] = await usersOf(pool, 'bookings', eventId)
      t.strictSame(others, [])
      winners[LATE.includes(winner) ? 'late' : 'newcomer'] += 1
      const isLate = LATE.includes(winner)
      // A payment for what is paid is the same booking.
      t.equal(counts['confirm: booking'], isLate ? 4 : undefined)
      t.equal(counts['reserve: booking'], isLate ? undefined : 1)
      check(await readSnapshot(pool, eventId, 1))
    }
    t.comment(JSON.stringify(winners))
  })

  await t.test('nobody who waits is passed over', async (t) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { eventId, payments } = await createLate(pool, execute)
      await raceOf(execute, mixed(payments, newcomers(eventId, true)))
      for (let turn = 0; turn < 3; turn += 1) {
        const [winner = '', ...others] = await usersOf(pool, 'bookings', eventId)
        const [next] = await usersOf(pool, 'waitlist_entries', eventId)
        t.strictSame(others, [])
        const counts = await raceOf(execute, [
          ...payments.slice(0, 3),
          cancelOfUser(eventId, winner),
          ...payments.slice(3),
          plainReserve(eventId, `late ${turn}`),
        ])
        t.equal(counts['cancel_of_user: done'], 1)
        t.equal(counts['reserve: sold_out'], 1)
        t.strictSame(await usersOf(pool, 'bookings', eventId), [next], 'the first in line has it')
      }
      check(await readSnapshot(pool, eventId, 1))
    }
  })
})

t.test('the control: without the lock and the checks, the seat is had twice', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  await pool.query('ALTER TABLE events DROP CONSTRAINT events_taken_check')
  // Two that write the same numbers of a history collide there, as long as they may not.
  await pool.query('ALTER TABLE event_history DROP CONSTRAINT event_history_pkey')
  const execute = executeWithoutLocks(t, url)
  let [oversold, late] = [0, 0]
  for (let round = 0; round < 50 && late === 0; round += 1) {
    const { eventId, payments } = await createLate(pool, execute)
    await raceOf(execute, mixed(payments, newcomers(eventId, true)))
    const { rows, taken } = await seatsOf(pool, eventId)
    const users = await usersOf(pool, 'bookings', eventId)
    t.equal(taken, rows, 'what was promised was written')
    oversold = Math.max(oversold, rows - 1)
    if (rows > 1) late = users.filter((user) => LATE.includes(user)).length
  }
  t.ok(oversold > 0, `${oversold} seats too many`)
  t.ok(late > 0, `${late} of them by who paid late`)
})
