import t from 'tap'
import type { AskedLine } from '../../src/domain/commands/bookings.ts'
import { decide, LATER } from '../../src/domain/decide/decide.ts'
import { MAX_LOOKS } from '../../src/domain/decide/ledger.ts'
import type { Line, WaitlistEntry } from '../../src/domain/model.ts'
import { FreeSeats } from '../../src/domain/seating/free-seats.ts'
import { Occupancy } from '../../src/domain/seating/occupancy.ts'
import { seatsFrom } from '../../src/domain/seating/runs.ts'
import { Seating } from '../../src/domain/seating/seating.ts'
import type { EventState, State } from '../../src/domain/state.ts'
import { blockSeats, cancel, deleteEvent, plainReserve, settle } from '../helpers/commands.ts'
import { byId, stateOf, usersOf, wordOf } from '../helpers/state.ts'

// The promise: however much it takes to find the best seats, one batch looks for them no longer than it may.
// What is left comes in the next ones, in its order, and nobody overtakes those who wait for that.

const SECTIONS = 1000
const PARTY = 9
const WAITING = 200

/** Every second section is for others. */
function hallOf(rows: number, seats: number): Seating {
  return new Seating({
    sections: Array.from({ length: SECTIONS }, (_, i) => ({
      key: `s${i}`,
      pool: i % 2 === 0 ? null : 'others',
      rows: Array.from({ length: rows }, (_, row) => ({
        ...{ key: `${row}`, seats: { from: 1, to: seats } },
      })),
    })),
  })
}

const HALL = hallOf(20, 5)

const best = { section: null, split: true }
/** One for each seat: to find the sections of them all is most of what a search takes. */
const ASKED: readonly AskedLine[] = Array.from({ length: PARTY }, () => ({
  ...{ ticketType: 'default', seats: 1, bestAvailable: best },
}))
const LINES = ASKED.map((line): Line => ({ ...line, pools: [] }))

const ask = (user: string) => plainReserve(1, user, { seats: PARTY, lines: ASKED })

function createHall(waiting: number, hall = HALL): State & { event: EventState } {
  const settings = { totalSeats: hall.count, maxSeatsPerBooking: PARTY }
  const names = Array.from({ length: waiting }, (_, i) => `w${i}`)
  const state = stateOf({
    settings,
    bookings: [{ userId: 'ann' }],
    line: names.map((name) => [name, PARTY] as const),
  })
  const given = state.events.get(1)
  if (given === undefined) throw new RangeError('there is no event 1')
  const line = [...given.line.values()].map((entry): WaitlistEntry => ({ ...entry, lines: LINES }))
  const event = {
    ...given,
    line: byId(line),
    waitingUsers: usersOf(line),
    occupancy: new Occupancy(hall, []),
  }
  return { events: new Map([[1, event]]), now: state.now, event }
}

/** A seat that is free, and no longer is when all have been served. */
const block = blockSeats(1, ['s998-19-5'])

t.test('those who wait are served batch by batch', (t) => {
  const state = createHall(WAITING)
  const promoted: string[] = []
  let batches = 0
  for (; batches === 0 || state.event.waitlistLength > 0; batches += 1) {
    const looks = state.event.occupancy?.seats.looks ?? 0
    const first = [ask('new'), cancel(1, 1), ask('eve'), block, deleteEvent(1)]
    const commands = batches === 0 ? first : [settle(1)]
    state.event.isUnserved = false
    const { verdicts, facts, unsettled } = decide(state, commands)
    const taken = (state.event.occupancy?.seats.looks ?? 0) - looks
    // The search that goes past the bound is finished, and the first one of all gets to know the hall.
    if (taken > 2 * MAX_LOOKS) t.fail(`${taken} looks in one batch`)
    const isLeft = state.event.waitlistLength > 0
    t.equal(unsettled.length, isLeft ? 1 : 0, 'the next batch is asked for while some are left')
    if (batches === 0) {
      t.ok(isLeft, 'the first batch does not come to the end')
      t.strictSame(
        verdicts.map(wordOf),
        ['later', 'done', 'later', 'later', 'event_has_bookings'],
        'nobody overtakes them, or takes their seats away',
      )
    }
    promoted.push(...facts.flatMap((fact) => (fact.type === 'promoted' ? fact.userId : [])))
  }
  t.ok(batches < WAITING / 2, `${batches} batches`)
  t.strictSame(
    promoted,
    Array.from({ length: WAITING }, (_, i) => `w${i}`),
    'in order',
  )
  t.end()
})

t.test('those who ask are put off, and nobody else is', (t) => {
  const state = createHall(0)
  const names = Array.from({ length: WAITING }, (_, i) => `a${i}`)
  const plain = plainReserve(1, 'plain')
  const { verdicts } = decide(state, [...names.map(ask), cancel(1, 1)])
  const words = verdicts.map(wordOf)
  const done = words.indexOf('later')
  t.ok(done > 0, `${done} in the first batch`)
  t.ok(words.slice(done, -1).every((word) => word === 'later'))
  t.equal(words.at(-1), 'done', 'what looks for no seats is done')
  const next = decide(state, [...names.slice(done).map(ask), plain])
  t.equal(next.verdicts[0] === LATER, false, 'and goes on with the next one')
  t.end()
})

t.test('to find the sections of many lines counts, however soon their seats are found', (t) => {
  const LINES_EACH = 10
  const state = createHall(0, hallOf(1, 20))
  const line = { ticketType: 'default', seats: 1, bestAvailable: best }
  const lines: readonly AskedLine[] = Array.from({ length: LINES_EACH }, () => line)
  state.event.settings = { ...state.event.settings, maxSeatsPerBooking: LINES_EACH }
  const asked = Array.from({ length: 500 }, (_, i) =>
    plainReserve(1, `a${i}`, { seats: LINES_EACH, lines }),
  )
  const words = decide(state, asked).verdicts.map(wordOf)
  const done = words.indexOf('later')
  t.ok(done > 0, `${done} in the first batch`)
  t.ok(done * LINES_EACH * SECTIONS <= MAX_LOOKS, 'a look at least for each section of each line')
  t.ok(words.slice(done).every((word) => word === 'later'))
  t.end()
})

t.test('to take seats counts for each of them, and so does to undo it', (t) => {
  const SEATS = 1000
  const hall = new FreeSeats(hallOf(1, 1))
  hall.tryOut(() => {
    hall.take(seatsFrom(0, SEATS))
  })
  t.ok(hall.looks > 2 * SEATS, `${hall.looks} looks`)
  t.ok(hall.isFree(0))
  t.end()
})
