import t from 'tap'
import { decide } from '../../src/domain/decide/decide.ts'
import { Occupancy } from '../../src/domain/seating/occupancy.ts'
import { Seating } from '../../src/domain/seating/seating.ts'
import type { EventState, State } from '../../src/domain/state.ts'
import { removeSeating, setSeating } from '../helpers/commands.ts'
import { stateOf, wordOf } from '../helpers/state.ts'

// The promise: numbering the seats of large halls anew takes a batch no longer than searches may.

const ROWS = 100
const LARGE = 1000
const SMALL = 10

function hallOf(seats: number, pool: string | null = null): Seating {
  const rows = Array.from({ length: ROWS }, (_, row) => ({
    ...{ key: `${row}`, seats: { from: 1, to: seats } },
  }))
  return new Seating({ sections: [{ key: 'A', pool, rows }] })
}

/** Events whose seats are numbered so. */
function createHalls(count: number, seating: Seating): State {
  const [now, events] = [new Date(), new Map<number, EventState>()]
  for (let id = 1; id <= count; id += 1) {
    const event = stateOf({ settings: { totalSeats: seating.count } }).events.get(1)
    if (event === undefined) throw new RangeError('there is no event 1')
    const numbered = { occupancy: new Occupancy(seating, []), seatingDigest: 'before' }
    events.set(id, { ...event, id, ...numbered })
  }
  return { events, now }
}

t.test('of large halls a batch numbers one anew, and leaves the others to the next', (t) => {
  const state = createHalls(3, hallOf(LARGE))
  const after = hallOf(LARGE)
  const all = [1, 2, 3].map((id) => setSeating(id, after, 'after'))
  const { verdicts, facts } = decide(state, all)
  t.strictSame(verdicts.map(wordOf), ['seating', 'later', 'later'])
  t.equal(facts.length, 1)
  const next = decide(state, all)
  t.strictSame(next.verdicts.map(wordOf), ['seating', 'seating', 'later'], 'the first is as it is')
  t.end()
})

t.test('and takes the numbers of one away', (t) => {
  const state = createHalls(3, hallOf(LARGE))
  const { verdicts } = decide(
    state,
    [1, 2].map((id) => removeSeating(id)),
  )
  t.strictSame(verdicts.map(wordOf), ['done', 'later'])
  t.end()
})

t.test('what is numbered so already costs nothing, and small halls little', (t) => {
  const same = createHalls(20, hallOf(LARGE))
  const again = [...same.events.keys()].map((id) => setSeating(id, hallOf(SMALL), 'before'))
  t.ok(decide(same, again).verdicts.every((verdict) => wordOf(verdict) === 'seating'))
  const small = createHalls(20, hallOf(SMALL))
  const anew = [...small.events.keys()].map((id) => setSeating(id, hallOf(SMALL), 'after'))
  t.ok(decide(small, anew).verdicts.every((verdict) => wordOf(verdict) === 'seating'))
  t.end()
})
