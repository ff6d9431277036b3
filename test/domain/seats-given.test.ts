import t from 'tap'
import { decide } from '../../src/domain/decide/decide.ts'
import { MAX_SEATS_GIVEN } from '../../src/domain/decide/ledger.ts'
import { isBookingFact } from '../../src/domain/facts.ts'
import type { WaitlistEntry } from '../../src/domain/model.ts'
import { Occupancy } from '../../src/domain/seating/occupancy.ts'
import { Seating } from '../../src/domain/seating/seating.ts'
import type { EventState } from '../../src/domain/state.ts'
import { WaitingKinds } from '../../src/domain/waiting-kinds.ts'
import { plainReserve, settle } from '../helpers/commands.ts'
import { byId, NOW, stateOf, wordOf } from '../helpers/state.ts'

// The promise: one batch gives a bounded number of numbered seats to those who wait, however they are spread
// over kinds of entries, and over events. Who comes first is served first, and nobody else takes what is left.

const ROW = 1000
/** Of each event: twice as many seats as one batch may give, but for a few. */
const PARTIES = 10

const HALL = new Seating({
  sections: [
    {
      ...{ key: 'A', pool: null },
      rows: Array.from({ length: PARTIES }, (_, i) => ({
        ...{ key: `${i}`, seats: { from: 1, to: ROW } },
      })),
    },
  ],
})

/** An event at which each of those who wait wants another number of seats of a pool. */
function createHall(id: number): EventState {
  const settings = {
    totalSeats: HALL.count,
    maxSeatsPerBooking: ROW,
    pools: [{ key: 'front', capacity: HALL.count }],
  }
  const parties = Array.from({ length: PARTIES }, (_, i) => [`w${i}`, ROW - i] as const)
  const given = stateOf({ settings, line: parties }).events.get(1)
  if (given === undefined) throw new RangeError('there is no event 1')
  const line = [...given.line.values()].map((entry): WaitlistEntry => ({
    ...{ ...entry, eventId: id },
    lines: [
      {
        ...{ ticketType: 'default', seats: entry.seats, pools: ['front'] },
        bestAvailable: { section: null, split: false },
      },
    ],
  }))
  const occupancy = new Occupancy(HALL, [])
  return { ...given, id, line: byId(line), kinds: new WaitingKinds(line), occupancy }
}

/** Settles events in one batch, in that order; who was promoted, and the seats that they were given. */
function settleAll(...events: readonly EventState[]) {
  for (const event of events) event.isUnserved = false
  const commands = events.flatMap(({ id }) => [settle(id), plainReserve(id, 'new')])
  const { verdicts, facts, unsettled } = decide({ events: byId(events), now: NOW }, commands)
  const promoted = facts.filter(isBookingFact).filter(({ type }) => type === 'promoted')
  const labels = promoted.flatMap(({ lines }) => (lines ?? []).flatMap((line) => line.labels ?? []))
  return {
    users: promoted.map(({ eventId, userId }) => `${eventId} ${userId}`),
    seats: labels.length,
    words: verdicts.map(wordOf),
    unsettled: unsettled.map(({ id }) => id),
  }
}

const all = (id: number) => Array.from({ length: PARTIES }, (_, i) => `${id} w${i}`)

t.test('of several kinds of entries', (t) => {
  const event = createHall(1)
  const first = settleAll(event)
  t.ok(first.seats >= MAX_SEATS_GIVEN && first.seats < MAX_SEATS_GIVEN + ROW, `${first.seats}`)
  t.strictSame(first.unsettled, [1], 'the next batch is asked for')
  t.strictSame(first.words, ['done', 'later'], 'what is left is not for others')
  const second = settleAll(event)
  t.strictSame([...first.users, ...second.users], all(1), 'in order')
  t.strictSame([second.unsettled, second.words], [[], ['done', 'booking']])
  t.end()
})

t.test('of several events, the first of which is served first', (t) => {
  const [one, two] = [createHall(1), createHall(2)]
  const first = settleAll(two, one)
  t.ok(first.seats < MAX_SEATS_GIVEN + ROW, `${first.seats}`)
  t.strictSame(first.users, all(2).slice(0, first.users.length), 'who comes first')
  t.strictSame(first.unsettled, [2, 1], 'both are settled further')
  t.strictSame(first.words, ['done', 'later', 'done', 'later'])
  const second = settleAll(one, two)
  t.strictSame(second.users, all(1).slice(0, second.users.length))
  t.end()
})
