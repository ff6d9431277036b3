import { withMetadata, type Metadata } from '../domain/metadata.ts'
import type { Booking, EventView, WaitlistEntry } from '../domain/model.ts'
import { booked, DONE, type Success } from '../domain/outcomes.ts'
import { momentOf } from '../domain/moment.ts'
import { linesOf, rowsOfLines, type LineRow } from './offer.ts'
import { successOfBefore } from './stored-before.ts'
import { storedEventOf } from './stored-event.ts'

// What is stored under an idempotency key: few bytes, but all that the answer is made of. A replay
// tells what was so then, while bookings, and what events have for a default, change.

/** The id comes last, so that PostgreSQL can add one that it draws in the same statement. */
type Stored = readonly ['event', event: EventView] | Exact

/** What comes back from JSON as it went in. */
type Exact =
  | readonly ['done']
  | readonly ['seating', digest: string]
  | readonly ['booking', ...common: Common, expiresAt: Millis, id: number]
  | readonly ['waiting', ...common: Common, position: number, id: number]
  | readonly ['booking_with', more: More, ...common: Common, expiresAt: Millis, id: number]
  | readonly ['waiting_with', more: More, ...common: Common, position: number, id: number]

/** What bookings and entries both have. */
type Common = readonly [eventId: number, userId: string, seats: number, createdAt: Millis]

/** What few bookings and entries have: by the names of their own members. A later version may know more. */
interface More {
  readonly metadata?: Metadata
  readonly lines?: LineRow[]
}

/** Since 1970. */
type Millis = number | null

/** An outcome as it is stored. */
export function storedFormOf(success: Success): Stored {
  switch (success.kind) {
    case 'booking': {
      const { eventId, userId, seats, createdAt, expiresAt, id } = success.booking
      const form = [eventId, userId, seats, millisOf(createdAt), millisOf(expiresAt), id] as const
      const more = moreOf(success.booking)
      return more === null ? ['booking', ...form] : ['booking_with', more, ...form]
    }
    case 'waiting': {
      const { eventId, userId, seats, createdAt, id } = success.entry
      const form = [eventId, userId, seats, millisOf(createdAt), success.position, id] as const
      const more = moreOf(success.entry)
      return more === null ? ['waiting', ...form] : ['waiting_with', more, ...form]
    }
    case 'event':
      return ['event', success.event]
    case 'seating':
      return ['seating', success.digest]
    case 'done':
      return ['done']
  }
}

/** Null for a plain one. */
function moreOf({ metadata, lines }: Pick<Booking, 'metadata' | 'lines'>): More | null {
  if (metadata === undefined && lines === null) return null
  const rows = rowsOfLines(lines)
  return { ...(metadata !== undefined && { metadata }), ...(rows !== null && { lines: rows }) }
}

/** What a later version knows more is passed over. */
function withMore<T extends Booking | WaitlistEntry>(plain: T, { metadata, lines }: More): T {
  return withMetadata({ ...plain, lines: linesOf(lines) }, metadata)
}

/**
 * What came of a request, as it is stored under its key, by whichever version.
 *
 * @throws TypeError where something else is stored there, which is a mistake of ours
 */
export function successOf(stored: unknown): Success {
  if (!isArray(stored)) return successOfBefore(stored)
  if (isExact(stored)) return successOfExact(stored)
  const [kind, event, ...rest] = stored
  if (kind === 'event' && rest.length === 0) return { kind, event: storedEventOf(event) }
  throw new TypeError('what is stored under the idempotency key is no outcome')
}

function successOfExact(stored: Exact): Success {
  switch (stored[0]) {
    case 'booking': {
      const [, ...form] = stored
      return booked(bookingOf(form))
    }
    case 'booking_with': {
      const [, more, ...form] = stored
      return booked(withMore(bookingOf(form), more))
    }
    case 'waiting': {
      const [, ...form] = stored
      return { kind: 'waiting', entry: entryOf(form), position: form[4] }
    }
    case 'waiting_with': {
      const [, more, ...form] = stored
      return { kind: 'waiting', entry: withMore(entryOf(form), more), position: form[4] }
    }
    case 'seating':
      return { kind: 'seating', digest: stored[1] }
    case 'done':
      return DONE
  }
}

function bookingOf(form: readonly [...Common, expiresAt: Millis, id: number]): Booking {
  const [eventId, userId, seats, created, expires, id] = form
  const [createdAt, expiresAt] = [dateOf(created), dateOf(expires)]
  // bookings_expires_at_check: a booking is held where it has an expiry.
  const status = expiresAt === null ? 'confirmed' : 'held'
  return { id, eventId, userId, seats, lines: null, status, expiresAt, createdAt }
}

function entryOf(form: readonly [...Common, position: number, id: number]): WaitlistEntry {
  const [eventId, userId, seats, created, , id] = form
  const createdAt = momentOf(new Date(created ?? NaN))
  return { id, eventId, userId, seats, lines: null, createdAt }
}

const IS_ITEM = {
  number: (item: unknown) => typeof item === 'number',
  text: (item: unknown) => typeof item === 'string',
  millis: (item: unknown) => typeof item === 'number' || item === null,
  more: (item: unknown) => typeof item === 'object' && item !== null && !Array.isArray(item),
}

/** What the items are that follow the kind. */
const ITEMS: Readonly<Record<Exact[0], readonly (keyof typeof IS_ITEM)[]>> = {
  done: [],
  seating: ['text'],
  booking: ['number', 'text', 'number', 'millis', 'millis', 'number'],
  waiting: ['number', 'text', 'number', 'millis', 'number', 'number'],
  booking_with: ['more', 'number', 'text', 'number', 'millis', 'millis', 'number'],
  waiting_with: ['more', 'number', 'text', 'number', 'millis', 'number', 'number'],
}

function isArray(stored: unknown): stored is readonly unknown[] {
  return Array.isArray(stored)
}

function isExact(stored: readonly unknown[]): stored is Exact {
  const [kind, ...items] = stored
  if (typeof kind !== 'string' || !Object.hasOwn(ITEMS, kind)) return false
  const expected = ITEMS[kind as Exact[0]]
  return items.length === expected.length && expected.every((type, i) => IS_ITEM[type](items[i]))
}

function millisOf(moment: Date | null): Millis {
  return moment && moment.getTime()
}

function dateOf(millis: Millis): Date | null {
  return millis === null ? null : new Date(millis)
}
