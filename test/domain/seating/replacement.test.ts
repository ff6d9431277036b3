import t from 'tap'
import { replacementProblems } from '../../../src/domain/seating/replacement.ts'
import { hallOf, seatingOf, sectionOf } from './halls.ts'

const among =
  (...labels: string[]) =>
  (label: string) =>
    labels.includes(label)

t.test('seats that somebody has must stay', async (t) => {
  const [before, after] = [hallOf(3, 3), hallOf(2)]
  t.equal(replacementProblems(before, after, among('A-1-1', 'A-1-2')), null)
  t.same(replacementProblems(before, after, among('A-2-3', 'A-1-3', 'A-1-1')), {
    count: 2,
    labels: ['A-1-3', 'A-2-3'],
  })
})

t.test('they may move, and their section may change its pool', async (t) => {
  const before = seatingOf({ sections: [{ ...sectionOf('A', ['1', '2']), pool: 'balcony' }] })
  const after = seatingOf({ sections: [sectionOf('B', ['1']), sectionOf('A', ['3', '2', '1'])] })
  t.equal(
    replacementProblems(before, after, () => true),
    null,
  )
})

t.test('the first hundred are told, and how many there are', async (t) => {
  const removed = replacementProblems(hallOf(60, 60), hallOf(1), () => true)
  t.equal(removed?.count, 119)
  t.equal(removed?.labels.length, 100)
  t.same(removed?.labels.slice(57, 60), ['A-1-59', 'A-1-60', 'A-2-1'])
})
