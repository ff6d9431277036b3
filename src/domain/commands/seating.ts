import type { Seating } from '../seating/seating.ts'
import type { OfEvent } from './asked.ts'

/** What can be asked for of the numbers of an event's seats. */

/** The digests of which the seating must have one; or that there is one, or none. Null for any, and none. */
export type ExpectedSeating = readonly string[] | 'some' | 'none' | null

interface OfSeating extends OfEvent {
  /** Left out: null. */
  readonly expected?: ExpectedSeating
}

/** Number the seats of an event, or number them anew. */
export interface SetSeatingCommand extends OfSeating {
  readonly type: 'set_seating'
  readonly seating: Seating
  /** Equal for equal documents, and different for different ones. */
  readonly digest: string
}

/** Take the numbers of an event's seats away. */
export interface RemoveSeatingCommand extends OfSeating {
  readonly type: 'remove_seating'
}

/** Take numbered seats from sale, or give them back to it. */
export interface BlockSeatsCommand extends OfEvent {
  readonly type: 'block_seats' | 'unblock_seats'
  readonly labels: readonly string[]
}
