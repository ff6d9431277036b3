import fc from 'fast-check'
import type { SeatingDocument } from '../../src/domain/seating/document.ts'
import { UNKNOWN, type Change, type LineStep, type TypeStep, type Wanted } from './script.ts'

// Random pools, ticket types, seatings, and lines that are asked for. There are few of each, so that they
// meet; and some that do not go together.

export const seats = fc.integer({ min: 1, max: 4 })
export const capacity = fc.integer({ min: 0, max: 8 })
const rarely = fc.nat({ max: 9 }).map((n) => n === 9)
const typeKey = fc.constantFrom('adult', 'child', 'vip')
const some = fc.constantFrom(1, 2, 2, 3, 3, 4, 5, 0)

export const pools = fc
  .tuple(some, some, fc.constantFrom(2, 2, 2, 2, 1, 1, 0))
  .map(([a, b, count]) => {
    return [
      { key: 'a', capacity: a },
      { key: 'b', capacity: b },
    ].slice(0, count)
  })

/** @param keys - those of the pools that they may take from */
function typesOf(keys: readonly string[]): fc.Arbitrary<TypeStep[]> {
  const type = fc.record({
    key: typeKey,
    pools: fc.subarray([...keys]),
    maxPerBooking: fc.constantFrom(null, null, null, 2),
    salesStartIn: fc.constantFrom(null, null, null, 5),
    salesEndIn: fc.constantFrom(null, null, null, 10),
  })
  return fc.uniqueArray(type, { maxLength: 3, selector: ({ key }) => key })
}

/** Pools with the types that take from them; now and then the one without the other. */
export const offer: fc.Arbitrary<Pick<Change, 'pools' | 'types'>> = fc.oneof(
  {
    weight: 5,
    arbitrary: pools.chain((made) =>
      typesOf(made.map(({ key }) => key)).map((types) => ({ pools: made, types })),
    ),
  },
  { weight: 1, arbitrary: fc.record({ pools }) },
  { weight: 1, arbitrary: typesOf(['a', 'b']).map((types) => ({ types })) },
)

/** Some seats have a place in each of them, some in one alone. */
export const HALLS: readonly SeatingDocument[] = [
  { sections: [section('A', null, { from: 1, to: 4 }), section('B', null, { from: 1, to: 3 })] },
  {
    sections: [
      section('A', null, { from: 1, to: 4 }, { from: 1, to: 2 }),
      section('B', 'a', { from: 1, to: 3 }),
    ],
  },
  { sections: [section('A', 'a', { from: 1, to: 5 }), section('B', null, ['1', '2', 'x'])] },
  { sections: [section('B', 'b', { from: 1, to: 2 }), section('A', null, { from: 1, to: 3 })] },
]

type Names = SeatingDocument['sections'][number]['rows'][number]['seats']

function section(key: string, pool: string | null, ...rows: Names[]) {
  return { key, pool, rows: rows.map((names, i) => ({ key: String(i + 1), seats: names })) }
}

export const seating = fc.constantFrom(...HALLS)

const label = fc.oneof(
  { weight: 12, arbitrary: fc.nat({ max: 9 }) },
  { weight: 1, arbitrary: fc.constant(UNKNOWN) },
)
export const labels = fc.uniqueArray(label, { minLength: 1, maxLength: 3 })

const ofType = fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, UNKNOWN)
const small = fc.constantFrom(1, 1, 2, 3)
const unnumbered = fc.record({ type: ofType, seats: small })
const labelled = fc
  .record({
    type: ofType,
    labels: fc.oneof(labels, labels, fc.array(label, { maxLength: 2 })),
    isShort: rarely,
  })
  .map(({ isShort, ...line }) => ({
    ...line,
    seats: Math.max(1, line.labels.length - (isShort ? 1 : 0)),
  }))
const best = fc.record({
  type: ofType,
  seats: small,
  best: fc.record({
    section: fc.constantFrom(null, null, null, 'A', 'A', 'B', 'B', 'Z'),
    split: fc.boolean(),
  }),
})
const unlabelledLine: fc.Arbitrary<LineStep> = fc.oneof(unnumbered, best)
const line: fc.Arbitrary<LineStep> = fc.oneof(unnumbered, labelled, best)

function wantedOf(each: fc.Arbitrary<LineStep>): fc.Arbitrary<Wanted> {
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: seats },
    { weight: 6, arbitrary: each.map((one) => [one]) },
    { weight: 3, arbitrary: fc.array(each, { minLength: 1, maxLength: 3 }) },
  )
}

export const wanted = wantedOf(line)
/** Labels can't be waited for. */
export const waitedFor = wantedOf(unlabelledLine)
