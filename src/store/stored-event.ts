import { momentOf } from '../domain/moment.ts'
import { EVENT_STATUSES, type EventView, type TicketType } from '../domain/model.ts'
import { DEFAULT_SETTINGS } from '../domain/policy.ts'

/** An event as JSON has it: its moments are texts. */
type StoredEvent = Omit<EventView, Moment | 'ticketTypes'> &
  Readonly<Record<Moment, string | null>> & { readonly ticketTypes: readonly StoredType[] }

type StoredType = Omit<TicketType, 'salesStartAt' | 'salesEndAt'> &
  Readonly<Record<'salesStartAt' | 'salesEndAt', string | null>>

type Moment = 'startsAt' | 'salesStartAt' | 'salesEndAt' | 'cancelUntil' | 'waitlistClosesAt'

/**
 * The event of an outcome that is stored under an idempotency key. Its metadata is not looked into:
 * it is the client's.
 *
 * @throws TypeError where something else is stored there, which is a mistake of ours
 */
export function storedEventOf(stored: unknown): EventView {
  const event = typeof stored === 'object' ? { ...ADDED_SETTINGS, ...stored } : stored
  if (!isStoredEvent(event)) throw new TypeError('what is stored under the key is no event')
  return {
    ...event,
    startsAt: dateOf(event.startsAt),
    salesStartAt: dateOf(event.salesStartAt),
    salesEndAt: dateOf(event.salesEndAt),
    cancelUntil: dateOf(event.cancelUntil),
    waitlistClosesAt: dateOf(event.waitlistClosesAt),
    ticketTypes: event.ticketTypes.map((type) => ({
      ...type,
      salesStartAt: dateOf(type.salesStartAt),
      salesEndAt: dateOf(type.salesEndAt),
    })),
  }
}

/** What events lack that a version before has stored: they had it by default. */
const { status, timeZone, cancelUntil, waitlistClosesAt, pools, ticketTypes } = DEFAULT_SETTINGS
export const ADDED_SETTINGS = {
  ...{ status, timeZone, cancelUntil, waitlistClosesAt, pools, ticketTypes },
  blockedSeats: 0,
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
  blockedSeats: isNumber,
  pools: Array.isArray,
  ticketTypes: Array.isArray,
  status: (value) => EVENT_STATUSES.some((each) => each === value),
  timeZone: (value) => value === null || typeof value === 'string',
  cancelUntil: isMoment,
  waitlistClosesAt: isMoment,
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
