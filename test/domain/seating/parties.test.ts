import t from 'tap'
import { chooseBest, chooseBestThereIs } from '../../../src/domain/decide/best-seats.ts'
import type { Line } from '../../../src/domain/model.ts'
import { Occupancy } from '../../../src/domain/seating/occupancy.ts'
import { Seating } from '../../../src/domain/seating/seating.ts'

// Lines of one booking that ask for seats of different sections.

const TWO = new Seating({
  sections: ['A', 'B'].map((key) => ({
    ...{ key, pool: null },
    rows: [{ key: '1', seats: { from: 1, to: 2 } }],
  })),
})
const NONE: readonly number[] = []

const best = (section: string | null, seats: number, split = false): Line => ({
  ...{ ticketType: 'default', seats, pools: [] },
  bestAvailable: { section, split },
})
const chosen = (lines: readonly Line[], taken: readonly string[] = []) => {
  const found = chooseBest(new Occupancy(TWO, taken), lines, NONE)
  return 'refusal' in found ? found : found.map(({ labels }) => labels)
}

t.test('who can sit in fewer sections is seated first, whatever the order of the lines', (t) => {
  const [a, b] = [
    ['A-1-1', 'A-1-2'],
    ['B-1-1', 'B-1-2'],
  ]
  t.same(chosen([best(null, 2), best('A', 2)]), [b, a])
  t.same(chosen([best('A', 2), best(null, 2)]), [a, b])
  t.same(chosen([best(null, 2), best('B', 2)]), [a, b])
  t.same(chosen([best('A', 1, true), best('A', 1)]), [['A-1-2'], ['A-1-1']])
  t.same(chosen([best(null, 2, true), best(null, 2)]), [b, a], 'and who must not be apart')
  t.end()
})

t.test('a refusal says whether seats are missing, or only such as are side by side', (t) => {
  const line = 1
  const first = best('A', 1)
  t.match(chosen([first, best('B', 2)], ['B-1-1']), {
    ...{ refusal: 'seats_not_together', details: { line, available: undefined } },
  })
  t.match(chosen([first, best(null, 4, true)]), {
    ...{ refusal: 'seats_not_together', details: { line, available: 3 } },
  })
  t.end()
})

t.test('who is not to be refused gets the numbers that there are, line by line', (t) => {
  const given = (lines: readonly Line[], ...taken: readonly string[]) =>
    chooseBestThereIs(new Occupancy(TWO, taken), lines).map(({ labels }) => labels)
  const [a, b] = [best('A', 2), best('B', 2)]
  const b2 = ['B-1-1', 'B-1-2']
  t.strictSame(given([a, b], 'A-1-1'), [undefined, b2], 'one line lacks them, the other does not')
  t.strictSame(given([b, a], 'A-1-1'), [b2, undefined], 'in whatever order')
  t.strictSame(given([best(null, 3)]), [['A-1-1', 'A-1-2', 'B-1-1']], 'or apart')
  const [three, two, one] = [best(null, 3), best(null, 2), best(null, 1)]
  t.strictSame(
    given([three, two, one]),
    [['A-1-1', 'A-1-2', 'B-1-1'], undefined, ['B-1-2']],
    'one by one, where there are too few for all lines of a party',
  )
  t.strictSame(given([best('gone', 1), b]), [undefined, b2], 'of sections that are still there')
  const plain: Line = { ticketType: 'default', seats: 1, pools: [] }
  t.strictSame(given([plain, b]), [undefined, b2], 'and those alone who ask for it')
  t.end()
})
