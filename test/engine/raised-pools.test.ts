import t from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import type { Pool } from '../../src/domain/model.ts'
import {
  cancelOfUser,
  changeEvent,
  createEventCommand,
  plainReserve,
  settle,
} from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { eventOf, kindOf } from '../helpers/outcomes.ts'
import { lockEvent, untilBlocked } from '../helpers/sessions.ts'
import { check } from '../life/replay.ts'
import { readSnapshot } from '../life/tables.ts'

// Pools that are changed more than once in one batch: a seat is made before it is taken, and given back before
// it goes, whatever comes between.

const NONE = { maxPerBooking: null, salesStartAt: null, salesEndAt: null }

function pools(a: number, b: number, ...more: Pool[]): Pool[] {
  return [{ key: 'a', capacity: a }, { key: 'b', capacity: b }, ...more]
}

const TYPES = ['a', 'b', 'c'].map((key) => ({ key, name: key, pools: [key], ...NONE }))

t.test('pools that are changed twice in one batch', async (t) => {
  const database = await createTestDatabase(t)
  const { reservations, batches } = startEngine(t, database.url)

  /** What the commands come to, all in one batch, and the pools that are left. */
  async function inOneBatch(commands: (eventId: number) => Command[]) {
    const settings = {
      ...{ totalSeats: 20, maxSeatsPerBooking: 9 },
      ...{ pools: pools(1, 1), ticketTypes: TYPES.slice(0, 2) },
    }
    const { id } = eventOf(await reservations.execute(createEventCommand(settings)))
    const holder = await lockEvent(t, database, id)
    const first = reservations.execute(settle(id))
    await untilBlocked(database.pool, holder)
    const told = commands(id).map((command) => reservations.execute(command).then(kindOf))
    const before = batches.length
    await holder.rollback()
    await first
    const kinds = await Promise.all(told)
    const sizes = batches.slice(before).map(({ size }) => size)
    t.ok(Math.max(...sizes) >= told.length, 'all were decided in one batch')
    const snapshot = await readSnapshot(database.pool, id, 20)
    check(snapshot)
    const left = snapshot.pools.slice(1).map(({ key, capacity, taken }) => [key, capacity, taken])
    return { kinds, left }
  }

  const reserve = (id: number, user: string, ticketType: string, seats: number): Command =>
    plainReserve(id, user, { seats, lines: [{ ticketType, seats }] })

  await t.test('raised one after the other, and taken from between', async (t) => {
    const { kinds, left } = await inOneBatch((id) => [
      changeEvent(id, { pools: pools(3, 1) }),
      reserve(id, 'ann', 'a', 3),
      changeEvent(id, { pools: pools(3, 4) }),
      reserve(id, 'bob', 'b', 4),
    ])
    t.strictSame(kinds, ['event', 'booking', 'event', 'booking'])
    t.strictSame(left, [
      ['a', 3, 3],
      ['b', 4, 4],
    ])
  })

  await t.test('the same pool twice, and a new one with it', async (t) => {
    const { kinds, left } = await inOneBatch((id) => [
      changeEvent(id, { pools: pools(2, 1) }),
      changeEvent(id, { pools: pools(5, 2, { key: 'c', capacity: 2 }), ticketTypes: TYPES }),
      reserve(id, 'ann', 'a', 5),
      reserve(id, 'bob', 'c', 2),
    ])
    t.strictSame(kinds, ['event', 'event', 'booking', 'booking'])
    t.strictSame(left, [
      ['a', 5, 5],
      ['b', 2, 0],
      ['c', 2, 2],
    ])
  })

  await t.test('raised, taken from, given back and lowered', async (t) => {
    const { kinds, left } = await inOneBatch((id) => [
      reserve(id, 'ann', 'a', 1),
      changeEvent(id, { pools: pools(5, 3) }),
      reserve(id, 'bob', 'a', 4),
      changeEvent(id, { pools: pools(4, 3) }),
      cancelOfUser(id, 'ann'),
      changeEvent(id, { pools: pools(4, 0) }),
    ])
    t.strictSame(
      kinds,
      ['booking', 'event', 'booking', 'capacity_below_taken', 'done', 'event'],
      'as if one had come after the other',
    )
    t.strictSame(left, [
      ['a', 4, 4],
      ['b', 0, 0],
    ])
  })
})
