import type { Refusal, RefusalDetails, Refused } from '../domain/outcomes.ts'
import type { LineFlaw } from '../domain/seating/claims.ts'

type TextOf = (details: RefusalDetails, limit: number) => string | undefined

/**
 * Texts of refusals that say more than the catalogue does of their error; undefined where what a refusal
 * turns on makes no difference.
 */
const TEXTS: Partial<Record<Refusal, TextOf>> = {
  too_many_seats: ({ line, key }, most) => {
    const field = line === undefined ? 'seats' : `lines.${line}.seats`
    const ofType = line === undefined ? '' : `, of the ticket type ${quoted(key)} in all`
    return most === 1
      ? `${field} must be 1${ofType}`
      : `${field} must be an integer between 1 and ${most}${ofType}`
  },
  exceeds_capacity: ({ pool }, total) =>
    isKey(pool)
      ? `The pool ${quoted(pool)} has ${total} seats only`
      : `The event has ${total} seats only`,
  capacity_below_waiting: (details, seats) => {
    const { pool, waitedFor, blocked = 0 } = details
    if (waitedFor !== undefined) {
      const ofPool = isKey(pool) ? ` of the pool ${quoted(pool)}` : ''
      return `No more than ${seats} seats${ofPool} can be blocked: somebody in line waits for ${waitedFor}`
    }
    return blocked === 0
      ? `${capacityIn(details)} must not be less than the ${seats} seats that somebody in line waits for`
      : `${capacityIn(details)} must not be less than ${seats}: ${blocked} are blocked, and somebody in line waits for ${seats - blocked}`
  },
  capacity_below_taken: (details, taken) =>
    `${capacityIn(details)} must not be less than the ${taken} seats taken`,
  unknown_ticket_type: ({ line, key }) =>
    `lines.${line}.ticket_type must be a ticket type of the event, which ${quoted(key)} is not`,
  unknown_pool: ({ key, pool, path }) =>
    path === undefined
      ? `${quoted(key)} names the pool ${quoted(pool)}, which the event does not have`
      : `${path} must be a pool of the event, which ${quoted(pool)} is not`,
  duplicate_key: ({ key, path }) =>
    path === undefined ? undefined : `${path} must be unique, which ${quoted(key)} is not`,
  sales_window_invalid: ({ key }) =>
    isKey(key) ? `sales_start_at of ${quoted(key)} must be before its sales_end_at` : undefined,
  sales_not_open: ({ key }) =>
    isKey(key) ? `Sales of the ticket type ${quoted(key)} are not open` : undefined,
  sales_closed: ({ key }) =>
    isKey(key) ? `Sales of the ticket type ${quoted(key)} are closed` : undefined,
  sold_out: ({ pool }) =>
    isKey(pool) ? `No seats available in the pool ${quoted(pool)}` : undefined,
  labels_invalid: ({ line, flaw = 'labels_unknown', labels = [] }) => {
    if (flaw === 'no_seating' && line !== undefined) {
      return `lines.${line} must have neither labels nor best_available: ${NO_NUMBERS}`
    }
    const field = line === undefined ? 'labels' : `lines.${line}.labels`
    return `${field} ${FLAWS[flaw](someOf(labels))}`
  },
  unknown_section: ({ line, key, pool }) => {
    const field = `lines.${line}.best_available.section`
    return pool === undefined
      ? `${field} must be a section of the event, which ${quoted(key)} is not`
      : `${field} must be one that the ticket type is for, unlike ${quoted(key)}`
  },
  seats_not_together: ({ line, available }) =>
    available === undefined
      ? undefined
      : `lines.${line} asks for more seats with numbers than the ${available} that are free`,
  seats_taken: ({ labelsTaken = [], line }, count) =>
    line === undefined && count > 0
      ? `Seats that would be removed are taken, ${count} in all: ${someOf(labelsTaken)}`
      : `Some of the seats are taken: ${someOf(labelsTaken)}`,
}

/** What to say where the seating is another one than is expected, or is there, or not. */
export const SEATING_CHANGED = 'The seating is not as If-Match, or If-None-Match, expects it'
const NO_NUMBERS = 'the seats of the event have no numbers'

const FLAWS: Record<LineFlaw, (labels: string) => string> = {
  no_seating: () => `must not be given: ${NO_NUMBERS}`,
  label_count: () => 'must be as many as the line has seats',
  labels_unknown: (labels) => `must be those of seats of the event, unlike ${labels}`,
  labels_repeated: (labels) => `must name each seat once, unlike ${labels}`,
  labels_of_other_pools: (labels) =>
    `must be those of seats that the ticket type is for, unlike ${labels}`,
}

/** What to say of a refusal; undefined where the catalogue's text is all. */
export function refusalText({ refusal, details, limit, status }: Refused): string | undefined {
  if (status !== undefined) return `The event is not on sale: its status is ${status}`
  if (refusal === 'seating_changed') return SEATING_CHANGED
  if (details === undefined && limit === undefined) return undefined
  return TEXTS[refusal]?.(details ?? {}, limit ?? 0)
}

function capacityIn({ pool }: RefusalDetails): string {
  return isKey(pool) ? `capacity of the pool ${quoted(pool)}` : 'total_seats'
}

function isKey(key: string | null | undefined): key is string {
  return typeof key === 'string'
}

function quoted(key: string | null | undefined): string {
  return JSON.stringify(key ?? null)
}

/** A text stays short: problem details have all of them. */
function someOf(labels: readonly string[]): string {
  const shown = labels.slice(0, 5).join(', ')
  return labels.length > 5 ? `${shown}, …` : shown
}
