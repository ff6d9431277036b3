import fc, { type Arbitrary } from 'fast-check'
import type { Known } from './known.ts'

const NO_SUCH_ID = 2_147_483_646

/** Members that name something else, and the collection that it is in. */
export const REFERENCES: Readonly<Record<string, string>> = { event_id: 'events' }

/** Few, so that what one has done concerns the next. */
export const users = fc.constantFrom('ann', 'bob', 'cid')

/** Ids of what is in a collection mostly; of events, often of those that have numbered seats. */
export function ids(collection: string, known: Known): Arbitrary<string> {
  const any = mostlyOf(known.ids(collection))
  return collection === 'events' ? fc.oneof(any, idsOfSeated(known)) : any
}

/** Ids of events that have numbered seats mostly. */
export function idsOfSeated({ offers }: Known): Arbitrary<string> {
  return mostlyOf(offers.seated)
}

function mostlyOf(there: readonly string[]): Arbitrary<string> {
  const absent = fc.constantFrom(NO_SUCH_ID, 1, 2).map(String)
  return there.length === 0
    ? absent
    : fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...there) },
        { weight: 1, arbitrary: absent },
      )
}
