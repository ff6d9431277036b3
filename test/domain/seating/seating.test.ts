import fc from 'fast-check'
import t from 'tap'
import type { RowDocument, SeatingDocument } from '../../../src/domain/seating/document.ts'
import { seatingOf, sectionOf } from './halls.ts'

t.test('seats are numbered in the order of the document', async (t) => {
  const balcony = { key: 'B', pool: 'balcony', rows: [{ key: '1', seats: { from: 8, to: 10 } }] }
  const seating = seatingOf({
    sections: [sectionOf('A', ['1', '2a'], { from: 1, to: 1 }), balcony],
  })
  t.same([...seating.labels()], ['A-1-1', 'A-1-2a', 'A-2-1', 'B-1-8', 'B-1-9', 'B-1-10'])
  t.equal(seating.count, 6)
  t.equal(seating.seatAt('B-1-9'), 4)
  t.equal(seating.labelOf(4), 'B-1-9')
  t.equal(seating.sectionOf(3).pool, 'balcony')
  t.equal(seating.sectionOf(2).pool, null)
  t.same(
    seating.rows.map(({ label, firstSeat, names }) => [label, firstSeat, names.count]),
    [
      ['A-1', 0, 2],
      ['A-2', 2, 1],
      ['B-1', 3, 3],
    ],
  )
  t.same(
    seating.sections.flatMap(({ rows }) => rows),
    seating.rows,
  )
})

t.test('only a label as it is written names a seat', async (t) => {
  const seating = seatingOf({ sections: [sectionOf('A', { from: 0, to: 20 }, ['x', 'é', '07'])] })
  t.equal(seating.seatAt('A-1-7'), 7)
  t.equal(seating.seatAt('A-2-é'), 22)
  t.equal(seating.seatAt('A-2-07'), 23)
  const others = ['A-1-07', 'A-1-7.0', 'A-1-0x7', 'A-1-7e0', 'A-1- 7', 'A-1-', 'A-1--1', 'A-1-21']
  const more = [
    'A-1-1.5',
    'A-1-Infinity',
    'A-1-NaN',
    'A-1',
    'A',
    '',
    '-',
    'a-1-7',
    'A-2-X',
    'A-3-1',
  ]
  const composed = ['A-2-e\u0301', 'A-1-7-', 'A--1-7', 'A-1-7\n', ' A-1-7', 'A-01-7']
  for (const label of [...others, ...more, ...composed])
    t.equal(seating.seatAt(label), undefined, label)
})

t.test('there are no seats before the first one and behind the last one', async (t) => {
  const seating = seatingOf({ sections: [sectionOf('A', { from: 1, to: 2 })] })
  for (const seat of [-1, 2, 0.5, NaN]) {
    t.throws(() => seating.labelOf(seat), RangeError)
    t.throws(() => seating.sectionOf(seat), RangeError)
  }
})

t.test('each seat has a label of its own, by which it is found', async (t) => {
  const key = fc.stringMatching(/^[a-cé1-3._]{1,3}$/)
  const keys = (maxLength: number, minLength = 1) => fc.uniqueArray(key, { minLength, maxLength })
  const range = fc
    .tuple(fc.nat(1000), fc.nat(100))
    .map(([from, more]) => ({ from, to: from + more }))
  // Long lists are looked up otherwise than short ones.
  const names: fc.Arbitrary<RowDocument['seats']> = fc.oneof(keys(5), keys(100, 65), range)
  const sections = keys(4).chain((ofSections) =>
    fc.tuple(
      ...ofSections.map((section) =>
        keys(4)
          .chain((ofRows) =>
            fc.tuple(...ofRows.map((row) => fc.record({ key: fc.constant(row), seats: names }))),
          )
          .map((rows) => ({ key: section, pool: null, rows })),
      ),
    ),
  )
  let longLists = 0
  fc.assert(
    fc.property(sections, (all) => {
      const seating = seatingOf({ sections: all })
      const expected = labelsOf({ sections: all })
      longLists += all
        .flatMap(({ rows }) => rows)
        .filter(({ seats }) => 'length' in seats && seats.length > 64).length
      return (
        seating.count === expected.length &&
        [...seating.labels()].join() === expected.join() &&
        expected.every(
          (label, seat) =>
            seating.seatAt(label) === seat &&
            seating.labelOf(seat) === label &&
            seating.sectionOf(seat).key === label.split('-')[0],
        )
      )
    }),
  )
  t.ok(longLists > 10, `${longLists} long lists`)
})

/** The labels of all seats, written out. */
function labelsOf({ sections }: SeatingDocument): string[] {
  return sections.flatMap(({ key: section, rows }) =>
    rows.flatMap(({ key: row, seats }) => {
      const numbers = (from: number, to: number): string[] =>
        from > to ? [] : [String(from), ...numbers(from + 1, to)]
      const names = 'from' in seats ? numbers(seats.from, seats.to) : seats
      return names.map((name) => `${section}-${row}-${name}`)
    }),
  )
}
