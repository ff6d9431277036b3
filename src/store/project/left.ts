import type { BookingFact } from '../../domain/facts.ts'

/** What the facts of a batch come to for each booking. */
export interface LeftBookings {
  /** Of bookings that were there before: of each the last fact. */
  readonly known: readonly BookingFact[]
  /** Of those that the batch has made and left there: of each the last fact. */
  readonly made: readonly BookingFact[]
  /** Of those that it has made and ended, which never have a row: likewise. */
  readonly brief: readonly BookingFact[]
  /** How many it has made, ended ones among them. */
  readonly madeCount: number
}

/**
 * Of each booking the last fact. Metadata are those that the facts before it have left, and a booking that
 * has ended has the expiry that they have left: both are absent, or null, where none of them says.
 */
export function leftBy(facts: readonly BookingFact[]): LeftBookings {
  const last = new Map<number, BookingFact>()
  for (const fact of facts) {
    const before = last.get(fact.bookingId)
    last.set(fact.bookingId, before === undefined ? fact : following(before, fact))
  }
  const all = [...last.values()]
  const made = all.filter(({ bookingId }) => bookingId < 0)
  return {
    known: all.filter(({ bookingId }) => bookingId > 0),
    made: made.filter(({ status }) => status !== null),
    brief: made.filter(({ status }) => status === null),
    madeCount: made.length,
  }
}

function following(before: BookingFact, fact: BookingFact): BookingFact {
  const { expiresAt } = fact.status === null ? before : fact
  const metadata = fact.metadata ?? before.metadata
  // `{}` stays: it says that there are none any more.
  return { ...fact, expiresAt, ...(metadata !== undefined && { metadata }) }
}
