import fc from 'fast-check'
import t from 'tap'
import { bestAvailable, type RowRange } from '../../../src/domain/seating/best-available.ts'
import { FreeSeats } from '../../../src/domain/seating/free-seats.ts'
import { RunSummaries } from '../../../src/domain/seating/run-summaries.ts'
import { runsOf } from '../../../src/domain/seating/runs.ts'
import { hallOf, seatingOf, sectionOf } from './halls.ts'
import { searchPlainly } from './plain-search.ts'

// Halls of so many rows that a search passes over most of them, as it knows what they have.

const ROWS = 150
const SEATS = 7

interface Search {
  readonly ranges: readonly RowRange[]
  readonly count: number
  readonly split: boolean
  /** Seats that change hands afterwards, beside those that are given. */
  readonly changed: readonly number[]
}

const seat = fc.nat(ROWS * SEATS - 1)
const place = fc.nat(ROWS)
const range = fc.tuple(place, place).map(([a, b]): RowRange => [Math.min(a, b), Math.max(a, b)])
const search: fc.Arbitrary<Search> = fc.record({
  ranges: fc.oneof(
    fc.constant([[0, ROWS] as const]),
    range.map((one) => [one]),
  ),
  // The hall fills up: large parties soon find nothing together.
  count: fc.integer({ min: 1, max: 40 }),
  split: fc.boolean(),
  changed: fc.array(seat, { maxLength: 5 }),
})

t.test('search after search, the seats are those of a plain look at each', async (t) => {
  const came = { none: 0, together: 0, apart: 0 }
  // Rows are summed up together within their section, in stretches of 32.
  const seating = seatingOf({
    sections: [70, 1, 33, ROWS - 104].map((rows, i) =>
      sectionOf(`${i}`, ...Array.from({ length: rows }, () => ({ from: 1, to: SEATS }))),
    ),
  })
  const filled = fc.array(fc.constantFrom(true, true, false), {
    ...{ minLength: ROWS * SEATS, maxLength: ROWS * SEATS, size: 'max' as const },
  })
  fc.assert(
    fc.property(filled, fc.array(search, { minLength: 5, maxLength: 15 }), (free, searches) => {
      const hall = new FreeSeats(seating)
      hall.take(free.flatMap((isFree, i) => (isFree ? [] : i)))
      for (const { ranges, count, split, changed } of searches) {
        const before = seatsOf(hall)
        const given = bestAvailable(hall, ranges, count, split)
        const drawn = Array.from({ length: ROWS }, (_, row) =>
          Array.from(
            { length: SEATS },
            (_, at) =>
              ranges.some(([from, to]) => row >= from && row < to) && hall.isFree(row * SEATS + at),
          ),
        )
        if (given?.join() !== searchPlainly(drawn, count, split)?.join()) return false
        if (seatsOf(hall).join() !== before.join()) return false
        if (given === null) came.none += 1
        else came[isTogether(given) ? 'together' : 'apart'] += 1
        hall.take(given ?? [])
        for (const each of changed) hall[hall.isFree(each) ? 'take' : 'giveBack']([each])
      }
      return true
    }),
    { numRuns: 60 },
  )
  for (const [what, times] of Object.entries(came)) t.ok(times > 20, `${what}: ${times} times`)
})

t.test(
  'what is tried out leaves no trace, also within what is tried out, and where it fails',
  async (t) => {
    const hall = new FreeSeats(hallOf(4))
    const fail = () =>
      hall.tryOut(() => {
        hall.take([1])
        hall.giveBack([0])
        throw new Error('failed')
      })
    hall.take([0])
    hall.tryOut(() => {
      hall.take([2])
      t.throws(fail, { message: 'failed' })
      t.strictSame(seatsOf(hall), [1, 3])
    })
    t.strictSame(seatsOf(hall), [1, 2, 3])
    t.strictSame(bestAvailable(hall, [[0, 1]], 3, false), [1, 2, 3])
  },
)

t.test('rows are looked at again where a seat of theirs has changed, and no others', async (t) => {
  const rows = 20_000
  const seating = hallOf(...Array.from({ length: rows }, () => 5))
  const taken = new Uint8Array(seating.count)
  let looks = 0
  const summaries = new RunSummaries(seating.rows, (place) => {
    looks += 1
    const row = seating.rows[place]
    return row === undefined ? [] : runsOf(row, taken)
  })
  for (let first = 0; first < rows; first += 32) summaries.longestFrom(first)
  t.equal(looks, rows)
  taken[33 * 5 + 2] = 1
  summaries.forget(33)
  t.equal(summaries.longestFrom(32), 5)
  t.equal(summaries.nextLongestFrom(32), 2)
  t.equal(summaries.nextLongestFrom(0), 0)
  t.equal(looks, rows + 1)
})

function seatsOf(hall: FreeSeats): number[] {
  return hall.rows.flatMap(({ firstSeat, names }) =>
    Array.from({ length: names.count }, (_, i) => firstSeat + i).filter((each) =>
      hall.isFree(each),
    ),
  )
}

function isTogether(seats: readonly number[]): boolean {
  const [first = 0] = seats
  const row = Math.floor(first / SEATS)
  return seats.every((each, i) => each === first + i && Math.floor(each / SEATS) === row)
}
