import t from 'tap'
import {
  MAX_POOLS_OF_TYPE,
  MAX_WAITED_FOR_POOLS,
  MAX_WAITING_KINDS,
} from '../../src/domain/policy.ts'
import { leaveWaitlist, plainReserve, type ReserveOptions } from '../helpers/commands.ts'
import { wordOf } from '../helpers/state.ts'
import { World } from './pools-world.ts'
import { EVENT_ID } from './tables.ts'

// So that a batch is bounded, no more than so many different things are waited for at an event.

const NONE = { maxPerBooking: null, salesStartAt: null, salesEndAt: null }
const TYPES = [
  { key: 'front', name: 'Front', pools: ['front'], ...NONE },
  { key: 'back', name: 'Back', pools: [], ...NONE },
]

function ask(user: string, ticketType: string, seats: number, more: ReserveOptions = {}) {
  const lines = [{ ticketType, seats }]
  return plainReserve(EVENT_ID, user, { seats, lines, waitlist: true, ...more })
}

/** One waits for each number of seats in front; all seats are taken. */
function createVaried(): World {
  const capacity = MAX_WAITING_KINDS
  const pools = [{ key: 'front', capacity }]
  const world = new World({ totalSeats: capacity, pools, ticketTypes: TYPES })
  world.batch([ask('all', 'front', capacity)])
  const users = Array.from({ length: MAX_WAITING_KINDS }, (_, i) => i + 1)
  const { verdicts } = world.batch(users.map((seats) => ask(`user ${seats}`, 'front', seats)))
  t.ok(
    verdicts.every((verdict) => wordOf(verdict) === 'waiting'),
    'there is room for each of them in line',
  )
  return world
}

t.test('one kind more than may wait is refused, others of a kind are not', async (t) => {
  const world = createVaried()
  const told = (command: ReturnType<typeof ask>): string =>
    world.batch([command]).verdicts.map(wordOf).join()
  t.equal(told(ask('zoe', 'back', 1)), 'waitlist_too_varied')
  t.equal(told(ask('zoe', 'back', 1, { waitlist: false })), 'sold_out')
  t.equal(told(ask('zoe', 'front', 1)), 'waiting', 'one of this kind waits already')
  t.equal(told(ask('user 7', 'back', 1)), 'already_waiting')
  t.equal(told(ask('yan', 'back', 2000)), 'too_many_seats')

  const place = [...world.event.line.values()].find(({ userId }) => userId === 'user 7')
  world.batch([leaveWaitlist(EVENT_ID, place?.id ?? 0)])
  t.equal(told(ask('yan', 'back', 1)), 'waiting', 'the only one of its kind has left')
  t.equal(told(ask('xia', 'back', 2)), 'waitlist_too_varied')
})

t.test('kinds that take from many pools are fewer', async (t) => {
  const many = MAX_POOLS_OF_TYPE
  const pools = Array.from({ length: many }, (_, i) => ({ key: `p${i}`, capacity: 1000 }))
  const type = { key: 'all', name: 'All', pools: pools.map(({ key }) => key), ...NONE }
  const world = new World({ totalSeats: 1000, pools, ticketTypes: [type] })
  world.batch([ask('all', 'all', 1000)])
  const most = MAX_WAITED_FOR_POOLS / many
  const asked = Array.from({ length: most + 1 }, (_, i) => ask(`user ${i}`, 'all', i + 1))
  const words = world.batch(asked).verdicts.map(wordOf)
  t.ok(words.slice(0, most).every((word) => word === 'waiting'))
  t.equal(words.at(-1), 'waitlist_too_varied')
})
