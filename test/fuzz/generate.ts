import fc, { type Arbitrary } from 'fast-check'
import type { Asked } from './asked.ts'
import type { Operation } from './document.ts'
import { validDraft } from './draft.ts'
import { brokenFrom } from './faults.ts'
import type { Known } from './known.ts'
import { oddFrom } from './oddities.ts'
import { writeOut } from './write-out.ts'

/** Without these there is nothing that the others could be about. */
const RESERVES = /^POST .*\/reserve$/
const ENDS = /^DELETE /
const MAKES = /^POST \/api\/(\w+)$/
/** As many of a kind are enough for the others to be about. */
const ENOUGH = 3

/** Odd, and large: runs of seeds that are near each other have no request in common. */
const SPREAD = 0x9e37_79b1

/** The request number `index` of a run: the same for the same seed and the same answers so far. */
export function generate(
  operations: readonly Operation[],
  known: Known,
  { seed, index }: { seed: number; index: number },
): Asked {
  const [asked] = fc.sample(requests(operations, known), {
    seed: Math.imul(seed, SPREAD) + index,
    numRuns: 1,
  })
  if (asked === undefined) throw new Error('nothing was generated')
  return asked
}

function requests(operations: readonly Operation[], known: Known): Arbitrary<Asked> {
  const fresh = fc.oneof(
    ...operations.map((operation) => ({
      weight: weightOf(operation, known) * (known.succeeded.has(operation.id) ? 1 : 4),
      arbitrary: requestsOf(operation, known),
    })),
  )
  const again = known.successes.map(({ asked }) => asked)
  if (again.length === 0) return fresh
  return fc.oneof(
    { weight: 19, arbitrary: fresh },
    { weight: 1, arbitrary: fc.constantFrom(...again) },
  )
}

function weightOf({ method, path }: Operation, known: Known): number {
  const name = `${method} ${path}`
  const [, made] = MAKES.exec(name) ?? []
  if (made !== undefined && known.ids(made).length < ENOUGH) return 8
  if (RESERVES.test(name)) return 14
  return ENDS.test(name) ? 1 : 2
}

function requestsOf(operation: Operation, known: Known): Arbitrary<Asked> {
  return validDraft(operation, known).chain((draft) =>
    fc.oneof(
      { weight: 6, arbitrary: fc.constant(writeOut(draft, 'valid', 'valid')) },
      { weight: 3, arbitrary: brokenFrom(draft) },
      { weight: 2, arbitrary: oddFrom(draft) },
    ),
  )
}
