import t from 'tap'
import type { BlockSeatsCommand } from '../../src/domain/commands/seating.ts'
import { decide } from '../../src/domain/decide/decide.ts'
import type { EventSettings } from '../../src/domain/model.ts'
import { Occupancy } from '../../src/domain/seating/occupancy.ts'
import { Seating } from '../../src/domain/seating/seating.ts'
import type { Command } from '../../src/domain/commands.ts'
import { WaitingKinds } from '../../src/domain/waiting-kinds.ts'
import { changeEvent, NOBODY, plainReserve } from '../helpers/commands.ts'
import { stateOf, wordOf, type EventGiven } from '../helpers/state.ts'

// Seats are taken from sale only as far as each who waits can be served one day: an entry that is larger
// than all that can be sold would keep everybody behind it waiting.

const seatingWith = (pool: string | null) =>
  new Seating({
    sections: [
      { key: 'A', pool: null, rows: [{ key: '1', seats: { from: 1, to: 6 } }] },
      { key: 'B', pool, rows: [{ key: '1', seats: { from: 1, to: 4 } }] },
    ],
  })
const labels = (key: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${key}-1-${i + 1}`)
const block = (...given: string[]): BlockSeatsCommand => ({
  ...{ type: 'block_seats', eventId: 1, origin: NOBODY, labels: given },
})

/** Ten seats with numbers, four of them of a pool where that is said. */
function decideAt(given: EventGiven, commands: readonly Command[], lineOfPool?: number) {
  const settings: Partial<EventSettings> = { totalSeats: 10, ...given.settings }
  const state = stateOf({ ...given, settings })
  const event = state.events.get(1)
  if (event === undefined) throw new RangeError('there is no event 1')
  event.occupancy = new Occupancy(seatingWith(lineOfPool === undefined ? null : 'b'), [])
  if (lineOfPool !== undefined) {
    const lines = [{ ticketType: 'b', seats: lineOfPool, pools: ['b'] }]
    for (const entry of event.line.values()) {
      event.line.set(entry.id, { ...entry, seats: lineOfPool, lines })
    }
    event.kinds = new WaitingKinds(event.line.values())
  }
  const { verdicts } = decide(state, commands)
  return { verdicts, words: verdicts.map(wordOf), event }
}

t.test('what somebody in line waits for is not blocked', (t) => {
  const given = { bookings: [{ userId: 'ann', seats: 5 }], line: [['bob', 6]] } as const
  const { verdicts, words, event } = decideAt(given, [
    block(...labels('A', 5)),
    block(...labels('A', 4)),
    block('A-1-5'),
    changeEvent(1, { totalSeats: 9 }),
  ])
  t.same(words, [
    'capacity_below_waiting',
    'done',
    'capacity_below_waiting',
    'capacity_below_waiting',
  ])
  t.match(verdicts[0], { limit: 4, details: { pool: null, waitedFor: 6 } })
  t.match(verdicts[3], { limit: 10, details: { pool: null, blocked: 4 } })
  t.equal(event.blockedSeats, 4)
  t.same(decideAt({ ...given, line: [] }, [block(...labels('A', 5))]).words, ['done'])
  const cancelled = { ...given, settings: { status: 'cancelled' } } as const
  t.same(decideAt(cancelled, [block(...labels('A', 5))]).words, ['done'], 'nobody is served there')
  t.end()
})

t.test('nor of a pool', (t) => {
  const settings = {
    pools: [{ key: 'b', capacity: 4 }],
    ticketTypes: [
      {
        key: 'b',
        name: 'B',
        pools: ['b'],
        maxPerBooking: null,
        salesStartAt: null,
        salesEndAt: null,
      },
    ],
  }
  const given = { settings, bookings: [{ userId: 'ann', seats: 8 }], line: [['bob', 3]] } as const
  const { verdicts, words } = decideAt(given, [block('B-1-1', 'B-1-2'), block('B-1-1')], 3)
  t.same(words, ['capacity_below_waiting', 'done'])
  t.match(verdicts[0], { limit: 1, details: { pool: 'b', waitedFor: 3 } })
  t.end()
})

t.test('what is not known yet is decided later', (t) => {
  const booked = [{ userId: 'ann', seats: 8 }]
  const unknown = { bookings: booked, line: [['bob', 3]], notLoaded: 3 } as const
  t.same(decideAt(unknown, [block('A-1-1')]).words, ['later'])
  t.same(decideAt({ ...unknown, largest: 'bob' }, [block('A-1-1')]).words, ['done'])
  const expiring = { bookings: booked, moreExpiredSeats: 1 }
  t.same(
    decideAt(expiring, [block('A-1-1')]).words,
    ['later'],
    'a seat that comes free is for others',
  )
  t.same(decideAt(expiring, [block()]).words, ['done'], 'nothing is asked for')
  t.end()
})

t.test('and nobody begins to wait for more than can be sold', (t) => {
  const given = { settings: { maxSeatsPerBooking: 9 }, bookings: [{ userId: 'ann', seats: 4 }] }
  const wait = (seats: number) => plainReserve(1, 'bob', { seats, waitlist: true })
  const { verdicts, words } = decideAt(given, [block(...labels('A', 6)), wait(5), wait(4)])
  t.same(words, ['done', 'exceeds_capacity', 'waiting'])
  t.match(verdicts[1], { limit: 4, details: { pool: null } })
  t.end()
})
