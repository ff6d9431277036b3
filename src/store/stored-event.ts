import { momentOf } from '../domain/moment.ts'
import type { EventView } from '../domain/model.ts'

/** An event as JSON has it: its moments are texts. */
type StoredEvent = Omit<EventView, Moment> & Readonly<Record<Moment, string | null>>

type Moment = 'startsAt' | 'salesStartAt' | 'salesEndAt'

/**
 * The event of an outcome that is stored under an idempotency key. Its metadata is not looked into:
 * it is the client's.
 *
 * @throws TypeError where something else is stored there, which is a mistake of ours
 */
export function storedEventOf(stored: unknown): EventView {
  if (!isStoredEvent(stored)) throw new TypeError('what is stored under the key is no event')
  return {
    ...stored,
    startsAt: dateOf(stored.startsAt),
    salesStartAt: dateOf(stored.salesStartAt),
    salesEndAt: dateOf(stored.salesEndAt),
  }
}

const isNumber = (value: unknown): boolean => typeof value === 'number'
const isText = (value: unknown): boolean => typeof value === 'string'
const isMoment = (value: unknown): boolean => value === null || typeof value === 'string'

const IS_MEMBER: Readonly<Record<keyof StoredEvent, (value: unknown) => boolean>> = {
  id: isNumber,
  name: isText,
  totalSeats: isNumber,
  bookedSeats: isNumber,
  heldSeats: isNumber,
  waitlistLength: isNumber,
  startsAt: isMoment,
  salesStartAt: isMoment,
  salesEndAt: isMoment,
  maxSeatsPerBooking: isNumber,
  holdSeconds: isNumber,
  waitlistPromotesTo: (value) => value === 'confirmed' || value === 'held',
  metadata: (value) => typeof value === 'object' && value !== null,
}

function isStoredEvent(stored: unknown): stored is StoredEvent {
  if (typeof stored !== 'object' || stored === null) return false
  const members = new Map<string, unknown>(Object.entries(stored))
  return Object.entries(IS_MEMBER).every(([name, isRight]) => isRight(members.get(name)))
}

function dateOf(text: string | null): Date | null {
  return text === null ? null : momentOf(text)
}
