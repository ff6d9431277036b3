import type { EventView } from '../domain/model.ts'
import { booked, DONE, type Success } from '../domain/outcomes.ts'
import { momentOf } from '../domain/moment.ts'
import { successOfBefore } from './stored-before.ts'
import { storedEventOf } from './stored-event.ts'

// What is stored under an idempotency key: few bytes, but all that the answer is made of. A replay
// tells what was so then, while bookings, and what events have for a default, change.

/** The id comes last, so that PostgreSQL can add one that it draws in the same statement. */
type Stored = readonly ['event', event: EventView] | Exact

/** What comes back from JSON as it went in. */
type Exact =
  | readonly ['done']
  | readonly ['booking', ...claim: Claim, expiresAt: Millis, id: number]
  | readonly ['waiting', ...claim: Claim, position: number, id: number]

type Claim = readonly [eventId: number, userId: string, seats: number, createdAt: Millis]

/** Since 1970. */
type Millis = number | null

/** An outcome as it is stored. */
export function storedFormOf(success: Success): Stored {
  switch (success.kind) {
    case 'booking': {
      const { eventId, userId, seats, createdAt, expiresAt, id } = success.booking
      return ['booking', eventId, userId, seats, millisOf(createdAt), millisOf(expiresAt), id]
    }
    case 'waiting': {
      const { eventId, userId, seats, createdAt, id } = success.entry
      return ['waiting', eventId, userId, seats, millisOf(createdAt), success.position, id]
    }
    case 'event':
      return ['event', success.event]
    case 'done':
      return ['done']
  }
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
      const [, eventId, userId, seats, created, expires, id] = stored
      const [createdAt, expiresAt] = [dateOf(created), dateOf(expires)]
      // bookings_expires_at_check: a booking is held where it has an expiry.
      const status = expiresAt === null ? 'confirmed' : 'held'
      return booked({ id, eventId, userId, seats, status, expiresAt, createdAt })
    }
    case 'waiting': {
      const [, eventId, userId, seats, created, position, id] = stored
      const createdAt = momentOf(new Date(created ?? NaN))
      return { kind: 'waiting', entry: { id, eventId, userId, seats, createdAt }, position }
    }
    case 'done':
      return DONE
  }
}

const IS_ITEM = {
  number: (item: unknown) => typeof item === 'number',
  text: (item: unknown) => typeof item === 'string',
  millis: (item: unknown) => typeof item === 'number' || item === null,
}

/** What the items are that follow the kind. */
const ITEMS: Readonly<Record<Exact[0], readonly (keyof typeof IS_ITEM)[]>> = {
  done: [],
  booking: ['number', 'text', 'number', 'millis', 'millis', 'number'],
  waiting: ['number', 'text', 'number', 'millis', 'number', 'number'],
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
