/**
 * The moments that can be shown: ISO 8601 with four digits for the year, as RFC 3339 has it.
 * PostgreSQL knows others, before Christ, beyond the year 9999, and infinite ones.
 */
const EARLIEST = new Date('0001-01-01T00:00:00.000Z')
const LATEST = new Date('9999-12-31T23:59:59.999Z')

/** False also for a date that is none (NaN). */
export function isShowable(moment: Date): boolean {
  return moment >= EARLIEST && moment <= LATEST
}

/**
 * A moment as PostgreSQL gave it, or the nearest one that can be shown: so that it can be compared,
 * and comes out of no view as an error. What is no date at all, as an infinite time is for Prisma,
 * counts as late: most such times mean "never".
 */
export function momentOf(given: string | Date): Date {
  const moment = new Date(given)
  if (isShowable(moment)) return moment
  const isEarly = moment < EARLIEST || /^-|BC$/.test(String(given))
  return isEarly ? EARLIEST : LATEST
}

/** The moment that was written last: bookings of one batch share theirs. */
const written = { at: NaN, text: '' }

/**
 * A moment in UTC, ISO 8601 with milliseconds; null where there is none. The last one is remembered: to write
 * it out takes as long as all else that an answer says of a booking.
 */
export function isoOf(moment: Date): string
export function isoOf(moment: Date | null): string | null
export function isoOf(moment: Date | null): string | null {
  if (moment === null) return null
  const at = moment.getTime()
  if (at !== written.at) {
    written.text = moment.toISOString()
    written.at = at
  }
  return written.text
}
