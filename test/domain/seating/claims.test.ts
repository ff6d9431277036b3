import t from 'tap'
import { resolveLines, type AskedLine } from '../../../src/domain/seating/claims.ts'
import { seatingOf, sectionOf } from './halls.ts'

const seating = seatingOf({
  sections: [
    sectionOf('A', { from: 1, to: 4 }),
    { ...sectionOf('B', { from: 1, to: 4 }), pool: 'balcony' },
  ],
})
const ADULT = { pools: ['stalls'] }
const BALCONY = { pools: ['stalls', 'balcony'] }

function line(ticketType: AskedLine['ticketType'], ...labels: string[]): AskedLine {
  return { ticketType, seats: labels.length, labels }
}

t.test('labels become numbers of seats, as each line names them', async (t) => {
  const unnamed = { ticketType: ADULT, seats: 2, labels: null }
  const lines = [line(BALCONY, 'B-1-2', 'A-1-1'), unnamed, line(ADULT, 'A-1-4')]
  t.same(resolveLines(seating, lines), { kind: 'seats', seats: [[5, 0], null, [3]] })
  t.same(resolveLines(seating, []), { kind: 'seats', seats: [] })
})

t.test('a line has as many labels as seats', async (t) => {
  const lines = [line(ADULT, 'A-1-1'), { ...line(ADULT, 'A-1-2'), seats: 2 }]
  t.same(resolveLines(seating, lines), {
    kind: 'problems',
    problems: [{ line: 1, flaw: 'label_count', labels: [] }],
  })
})

t.test('a seat is named once, in all lines', async (t) => {
  const lines = [line(ADULT, 'A-1-1', 'A-1-2', 'A-1-1'), line(BALCONY, 'A-1-3', 'A-1-2')]
  t.same(resolveLines(seating, lines), {
    kind: 'problems',
    problems: [
      { line: 0, flaw: 'labels_repeated', labels: ['A-1-1'] },
      { line: 1, flaw: 'labels_repeated', labels: ['A-1-2'] },
    ],
  })
})

t.test('all that is wrong with a line is told', async (t) => {
  const wrong = line(ADULT, 'A-1-5', 'B-1-1', 'A-1-1', 'C-1-1', 'B-1-2')
  t.same(resolveLines(seating, [{ ...wrong, seats: 4 }]), {
    kind: 'problems',
    problems: [
      { line: 0, flaw: 'label_count', labels: [] },
      { line: 0, flaw: 'labels_unknown', labels: ['A-1-5', 'C-1-1'] },
      { line: 0, flaw: 'labels_of_other_pools', labels: ['B-1-1', 'B-1-2'] },
    ],
  })
})

t.test('seats of a section without a pool are for all ticket types', async (t) => {
  const nothing = { pools: [] }
  t.equal(resolveLines(seating, [line(nothing, 'A-1-1')]).kind, 'seats')
  t.equal(resolveLines(seating, [line(nothing, 'B-1-1')]).kind, 'problems')
})
