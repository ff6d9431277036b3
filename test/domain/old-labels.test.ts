import t from 'tap'
import type { Line } from '../../src/domain/model.ts'
import { decide } from '../../src/domain/decide/decide.ts'
import { Occupancy } from '../../src/domain/seating/occupancy.ts'
import { Seating } from '../../src/domain/seating/seating.ts'
import type { State } from '../../src/domain/state.ts'
import { confirm, settle } from '../helpers/commands.ts'
import { inSeconds, stateOf, wordOf } from '../helpers/state.ts'

// Seats that somebody asked for before the event was given another seating, which does not have them.

const NEW = new Seating({
  sections: [{ key: 'A', pool: null, rows: [{ key: '2', seats: { from: 1, to: 4 } }] }],
})
const lines: readonly Line[] = [
  { ticketType: 'default', seats: 2, pools: [], labels: ['A-1-1', 'A-2-1'] },
]

/** @param seating - null where the event has none any more */
function eventWith(given: Parameters<typeof stateOf>[0], seating: Seating | null): State {
  const state = stateOf(given)
  const event = state.events.get(1)
  if (event === undefined) throw new RangeError('there is no event 1')
  event.occupancy = seating && new Occupancy(seating, [])
  return state
}

t.test('a late payment does not get a seat that is there no longer', (t) => {
  const expired = { userId: 'ann', seats: 2, lines, expiresAt: inSeconds(-1) }
  for (const [seating, labelsTaken] of [
    [NEW, ['A-1-1']],
    [null, ['A-1-1', 'A-2-1']],
  ] as const) {
    const state = eventWith({ bookings: [expired] }, seating)
    const { verdicts } = decide(state, [confirm(1, 1, true)])
    t.match(verdicts, [{ kind: 'refused', refusal: 'seats_taken', details: { labelsTaken } }])
    t.same(state.events.get(1)?.takenSeats, 0)
  }
  t.end()
})

t.test('nor does who has waited for it: the seats are without numbers', (t) => {
  for (const seating of [NEW, null]) {
    const state = eventWith({ line: [['bob', 2]] }, seating)
    const event = state.events.get(1)
    const [entry] = event?.line.values() ?? []
    if (event === undefined || entry === undefined) throw new RangeError('nobody waits')
    event.line.set(entry.id, { ...entry, lines })
    const { verdicts, facts } = decide(state, [settle(1)])
    t.same(verdicts.map(wordOf), ['done'])
    t.match(facts, [{ type: 'promoted', userId: 'bob' }])
    const [made] = event.bookings.values()
    t.same(made?.lines, [{ ticketType: 'default', seats: 2, pools: [] }])
  }
  t.end()
})
