import t from 'tap'
import { chooseBest, chooseBestThereIs } from '../../../src/domain/decide/best-seats.ts'
import { MAX_LOOKS } from '../../../src/domain/decide/ledger.ts'
import type { Line } from '../../../src/domain/model.ts'
import type { SectionDocument } from '../../../src/domain/seating/document.ts'
import { Occupancy } from '../../../src/domain/seating/occupancy.ts'
import { seatsFrom } from '../../../src/domain/seating/runs.ts'
import { seatingOf, sectionOf } from './halls.ts'

// The promise: whatever hall there is, and whatever a booking asks for, its search takes a part of what a batch
// may search. These are the costliest that were found.

const LONGEST = { from: 1, to: 1000 }
const MOST_LINES = 20

/** Of each row groups of so many seats are free, from its first seat on, and no others. */
function hallOf(sections: readonly SectionDocument[], free: readonly number[]): Occupancy {
  const seating = seatingOf({ sections })
  const occupancy = new Occupancy(seating, [])
  for (const { firstSeat, names } of seating.rows) {
    occupancy.seats.take(seatsFrom(firstSeat, names.count))
    let start = firstSeat
    for (const length of free) {
      occupancy.seats.giveBack(seatsFrom(start, length))
      start += length + 1
    }
  }
  return occupancy
}

function rowsOf(count: number, seats = LONGEST) {
  return Array.from({ length: count }, () => seats)
}

/** As many sections, each second of them for others; the first ones of the rest for a pool each. */
function sectionsFor(lines: number, count: number, rows: ReturnType<typeof rowsOf>) {
  return Array.from({ length: count }, (_, i) => ({
    ...sectionOf(`s${i}`, ...rows),
    pool: i % 2 === 1 ? 'others' : i / 2 < lines ? `p${i / 2}` : null,
  }))
}

function lineOf(
  seats: number,
  split: boolean,
  pools: string[] = [],
  section: string | null = null,
) {
  return { ticketType: 'default', seats, pools, bestAvailable: { section, split } }
}

/** A line for each of the pools, so that no two are of one party. */
function linesOf(seats: number, split: boolean): Line[] {
  return Array.from({ length: MOST_LINES }, (_, i) => lineOf(seats, split, [`p${i}`]))
}

/** What is looked at once the hall is known, by what it is for. */
function looksFor(occupancy: Occupancy, lines: readonly Line[]): [asking: number, served: number] {
  const looksOf = (choose: () => unknown) => {
    choose()
    const before = occupancy.seats.looks
    choose()
    return occupancy.seats.looks - before
  }
  return [
    looksOf(() => chooseBest(occupancy, lines, [])),
    looksOf(() => chooseBestThereIs(occupancy, lines)),
  ]
}

t.test('pieces of as many rows, and lengths, as can be', async (t) => {
  const pieces = [4, 3, 2, 1]
  const hall = hallOf([sectionOf('A', ...rowsOf(99)), sectionOf('B', ...rowsOf(1))], pieces)
  const asked = [lineOf(950, true, [], 'A'), lineOf(50, false)]
  const refused = chooseBest(hall, asked, [])
  t.match(refused, { refusal: 'seats_not_together', details: { line: 1 } })
  for (const looks of looksFor(hall, asked)) t.ok(looks < (2 / 3) * MAX_LOOKS, `${looks} looks`)
})

t.test('lines that are seated one by one, as there are too few seats for all', async (t) => {
  const hall = hallOf([sectionOf('A', ...rowsOf(100))], [3, 2, 1])
  const lines = Array.from({ length: MOST_LINES }, () => lineOf(50, true))
  for (const looks of looksFor(hall, lines)) t.ok(looks < (2 / 3) * MAX_LOOKS, `${looks} looks`)
})

t.test('sections that others are between, for as many parties as can be', async (t) => {
  const rows = rowsOf(20, { from: 1, to: 5 })
  const hall = hallOf(sectionsFor(MOST_LINES, 1000, rows), [5])
  for (const looks of looksFor(hall, linesOf(50, true))) t.ok(looks < 250_000, `${looks} looks`)
})

t.test('parties that leave a seat alone in whatever row they sit', async (t) => {
  const hall = hallOf(sectionsFor(MOST_LINES, 100, rowsOf(1)), [41, 41, 41])
  for (const looks of looksFor(hall, linesOf(40, false))) t.ok(looks < 150_000, `${looks} looks`)
})

t.test('more seats than are free, in many pieces', async (t) => {
  const hall = hallOf([sectionOf('A', ...rowsOf(100))], [3, 2, 1])
  const [looks] = looksFor(hall, [lineOf(601, true)])
  t.ok(looks < 1000, `${looks} looks`)
  t.match(chooseBest(hall, [lineOf(601, true)], []), {
    ...{ refusal: 'seats_not_together', details: { line: 0, available: 600 } },
  })
})
