import t from 'tap'
import { chooseBest } from '../../../src/domain/decide/best-seats.ts'
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
