import t from 'tap'
import { problemsOfLabels, type LabelledLine } from '../../../src/domain/seating/claims.ts'
import { seatingOf, sectionOf } from './halls.ts'

const seating = seatingOf({
  sections: [
    sectionOf('A', { from: 1, to: 4 }),
    { ...sectionOf('B', { from: 1, to: 4 }), pool: 'balcony' },
  ],
})
const ADULT = { pools: ['stalls'] }
const BALCONY = { pools: ['stalls', 'balcony'] }

function line(ticketType: LabelledLine['ticketType'], ...labels: string[]): LabelledLine {
  return { ticketType, seats: labels.length, labels }
}

t.test('nothing is wrong with seats that are there and named once', async (t) => {
  const unnamed = { ticketType: ADULT, seats: 2, labels: null }
  const lines = [line(BALCONY, 'B-1-2', 'A-1-1'), unnamed, line(ADULT, 'A-1-4')]
  t.same(problemsOfLabels(seating, lines), [])
  t.same(problemsOfLabels(seating, []), [])
})

t.test('a line has as many labels as seats', async (t) => {
  const lines = [line(ADULT, 'A-1-1'), { ...line(ADULT, 'A-1-2'), seats: 2 }]
  t.same(problemsOfLabels(seating, lines), [{ line: 1, flaw: 'label_count', labels: [] }])
})

t.test('a seat is named once, in all lines', async (t) => {
  const lines = [line(ADULT, 'A-1-1', 'A-1-2', 'A-1-1'), line(BALCONY, 'A-1-3', 'A-1-2')]
  t.same(problemsOfLabels(seating, lines), [
    { line: 0, flaw: 'labels_repeated', labels: ['A-1-1'] },
    { line: 1, flaw: 'labels_repeated', labels: ['A-1-2'] },
  ])
})

t.test('all that is wrong with a line is told', async (t) => {
  const wrong = line(ADULT, 'A-1-5', 'B-1-1', 'A-1-1', 'C-1-1', 'B-1-2')
  t.same(problemsOfLabels(seating, [{ ...wrong, seats: 4 }]), [
    { line: 0, flaw: 'label_count', labels: [] },
    { line: 0, flaw: 'labels_unknown', labels: ['A-1-5', 'C-1-1'] },
    { line: 0, flaw: 'labels_of_other_pools', labels: ['B-1-1', 'B-1-2'] },
  ])
})

t.test('seats of a section without a pool are for all ticket types', async (t) => {
  const nothing = { pools: [] }
  t.same(problemsOfLabels(seating, [line(nothing, 'A-1-1')]), [])
  t.same(problemsOfLabels(seating, [line(nothing, 'B-1-1')]), [
    { line: 0, flaw: 'labels_of_other_pools', labels: ['B-1-1'] },
  ])
})
