import fc from 'fast-check'
import t from 'tap'
import { bestAvailable } from '../../../src/domain/seating/best-available.ts'
import { FreeSeats } from '../../../src/domain/seating/free-seats.ts'
import {
  bestApart,
  bestTogether,
  leavesOrphan,
  piecesOf,
  setsOf,
  setsTogether,
  type Hall,
} from './brute-force.ts'
import { hallOf, seatingOf, sectionOf } from './halls.ts'

const TOGETHER = { split: false }
const APART = { split: true }

/** Rows as people draw them: `.` is a free seat. */
function drawn(...rows: string[]): Hall {
  return rows.map((row) => Array.from(row, (seat) => seat === '.'))
}

function best(hall: Hall, count: number, options = TOGETHER) {
  const seats = new FreeSeats(hallOf(...hall.map((row) => row.length)))
  seats.take(hall.flat().flatMap((isFree, seat) => (isFree ? [] : seat)))
  return bestAvailable(seats, [[0, hall.length]], count, options.split)
}

/** Small halls in which about two seats of three are free. */
function halls(maxRows: number, maxSeats: number): fc.Arbitrary<Hall> {
  const row = fc.array(fc.constantFrom(true, true, false), {
    minLength: 1,
    maxLength: maxSeats,
    size: 'max',
  })
  return fc.array(row, { minLength: 1, maxLength: maxRows, size: 'max' })
}

t.test('seats are near the middle of the first row that has them', async (t) => {
  t.same(best(drawn('.......', '.......'), 3), [2, 3, 4])
  t.same(best(drawn('......'), 1), [2], 'of two that are as near it is the lower one')
  t.same(best(drawn('xxx....', '.......'), 4), [3, 4, 5, 6])
  t.same(best(drawn('x.xx.x', '......'), 2), [8, 9], 'rows without so many are passed over')
})

t.test('no seat is left alone where another block, or row, leaves none', async (t) => {
  t.same(best(drawn('.....'), 2), [0, 1], 'not [1, 2]: nobody would sit beside 0')
  t.same(best(drawn('...', '....'), 2), [3, 4], 'the first row would have one alone')
  t.same(best(drawn('.x..'), 2), [2, 3], 'one that is alone anyway does not count')
})

t.test('one is left alone where it cannot be helped', async (t) => {
  t.same(best(drawn('x...', '...'), 2), [1, 2], 'in the first row, near its middle')
})

t.test('there are none where so many are not free side by side', async (t) => {
  t.equal(best(drawn('..x..', '..'), 3), null, 'a row ends where the next one begins')
  t.equal(best(drawn('..x..', '..'), 7, APART), null)
  t.equal(best(drawn('xx'), 1, APART), null)
})

t.test('seats that may be apart are in whole groups, the longest first', async (t) => {
  t.same(best(drawn('..x...', '..x..'), 5, APART), [0, 1, 3, 4, 5], 'three, and two of the rest')
  t.same(best(drawn('..x...', '.x..'), 4, APART), [3, 4, 5, 6], 'three, and one that is alone')
  t.same(best(drawn('..x...'), 3, APART), [3, 4, 5], 'together, if that can be')
})

t.test('only the rows that are given are looked at', async (t) => {
  const seating = seatingOf({
    sections: [sectionOf('A', { from: 1, to: 4 }), sectionOf('B', ['x', 'y'], { from: 1, to: 3 })],
  })
  const seats = new FreeSeats(seating)
  t.same(bestAvailable(seats, [[1, 3]], 3, false), [6, 7, 8])
  t.equal(bestAvailable(seats, [[1, 3]], 4, false), null)
})

t.test('of all sets of seats together it is the best', async (t) => {
  const came = { none: 0, leavingOne: 0, overtaking: 0 }
  fc.assert(
    fc.property(halls(3, 6), fc.integer({ min: 1, max: 4 }), (hall, count) => {
      const expected = bestTogether(hall, count)
      const given = best(hall, count)
      if (given?.join() !== expected?.join()) throw new Error(`${given?.join() ?? 'none'} is given`)
      if (expected === undefined) came.none += 1
      else if (leavesOrphan(hall, expected)) came.leavingOne += 1
      else if (expected[0] !== setsTogether(hall, count)[0]?.[0]) came.overtaking += 1
    }),
    { numRuns: 600 },
  )
  for (const [what, times] of Object.entries(came)) t.ok(times > 20, `${what}: ${times} times`)
})

t.test('apart they are as the rule says, and in as few pieces as any set of seats', async (t) => {
  const came = { none: 0, together: 0, apart: 0 }
  fc.assert(
    fc.property(halls(3, 4), fc.integer({ min: 1, max: 7 }), (hall, count) => {
      const given = best(hall, count, APART)
      if (given?.join() !== bestApart(hall, count)?.join()) throw new Error('not as the rule says')
      const sets = setsOf(hall, count)
      if (given === null) {
        came.none += 1
        return sets.length === 0
      }
      const pieces = piecesOf(hall, given)
      came[pieces === 1 ? 'together' : 'apart'] += 1
      const isSet = sets.some((seats) => seats.join() === given.join())
      return isSet && sets.every((seats) => piecesOf(hall, seats) >= pieces)
    }),
    { numRuns: 600 },
  )
  for (const [what, times] of Object.entries(came)) t.ok(times > 20, `${what}: ${times} times`)
})
