import type { Outcome } from '../../domain/outcomes.ts'

/** The ids that new rows were given: that of -1 comes first, then that of -2, and so on. */
export interface NewIds {
  readonly eventIds: readonly number[]
  readonly bookingIds: readonly number[]
  readonly entryIds: readonly number[]
}

export const NO_NEW_IDS: NewIds = { eventIds: [], bookingIds: [], entryIds: [] }

/** The id of a row; of a new one, the one that it was given. */
export function realId(id: number, given: readonly number[]): number {
  if (id > 0) return id
  const real = given[-id - 1]
  if (real === undefined) throw new RangeError('a row was written without an id')
  return real
}

/** An outcome with the ids by which the outside knows what is new. */
export function withRealIds<O extends Outcome>(outcome: O, ids: NewIds): O {
  switch (outcome.kind) {
    case 'booking':
      return { ...outcome, booking: named(outcome.booking, ids.bookingIds) }
    case 'waiting':
      return { ...outcome, entry: named(outcome.entry, ids.entryIds) }
    case 'event':
      return { ...outcome, event: named(outcome.event, ids.eventIds) }
    default:
      return outcome
  }
}

function named<T extends { readonly id: number }>(thing: T, given: readonly number[]): T {
  return thing.id > 0 ? thing : { ...thing, id: realId(thing.id, given) }
}
