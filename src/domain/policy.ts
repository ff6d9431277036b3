import type { Booking, EventSettings } from './model.ts'
import { refuseFor, type Refusal, type Refused } from './outcomes.ts'

/**
 * Every constant of a booking's life, and the rules that are no more than a comparison. Where SQL
 * has to repeat one of them, it says so and names this file.
 */

/** A hold can be extended until it has lasted this many times the event's `holdSeconds`. */
export const MAX_HOLD_PERIODS = 4

/** For how long a request is remembered under its idempotency key. */
export const IDEMPOTENCY_RETENTION_HOURS = 24

/** For how long a booking that has ended is told apart from one that never was (410 and 404). */
export const EXPIRED_HOLD_RETENTION_DAYS = 7

/** No event may allow more seats in one booking. */
export const MAX_SEATS_PER_BOOKING = 1000

/** No event may have more pools, or more ticket types. */
export const MAX_POOLS = 100

/** No ticket type may take from more pools. */
export const MAX_POOLS_OF_TYPE = 10

/** No request may block more seats, or give more of them back to sale. */
export const MAX_BLOCKED_AT_ONCE = 1000

/** No booking may have more lines. */
export const MAX_LINES = 20

/** No line of an event may have more kinds of requests that differ in their seats or pools. */
export const MAX_WAITING_KINDS = 1000

/** Nor may those kinds together take from more pools, each pool counted for each kind that takes from it. */
export const MAX_WAITED_FOR_POOLS = 4000

/** No hold may last longer before it is extended, in seconds. */
export const MAX_HOLD_SECONDS = 86_400

/** What an event has where its organizer sets nothing else. */
export const DEFAULT_SETTINGS: Omit<EventSettings, 'name' | 'totalSeats'> = {
  startsAt: null,
  salesStartAt: null,
  salesEndAt: null,
  maxSeatsPerBooking: 1,
  holdSeconds: 600,
  waitlistPromotesTo: 'confirmed',
  pools: [],
  ticketTypes: [],
  status: 'on_sale',
  timeZone: null,
  cancelUntil: null,
  waitlistClosesAt: null,
  metadata: {},
}

/** A hold has expired from the very instant of its expiry on. */
export function isExpired({ expiresAt }: Pick<Booking, 'expiresAt'>, now: Date): boolean {
  return expiresAt !== null && expiresAt <= now
}

/** When a hold that begins now ends by itself. */
export function expiryOfHold({ holdSeconds }: EventSettings, now: Date): Date {
  return new Date(now.getTime() + holdSeconds * 1000)
}

/**
 * When a hold has to end, however often it is extended. Where it is not known when it was made, it
 * counts as made now: it can be extended time and again, by one period each time.
 */
export function latestExpiry(
  { createdAt }: Pick<Booking, 'createdAt'>,
  { holdSeconds }: EventSettings,
  now: Date,
): Date {
  return new Date((createdAt ?? now).getTime() + MAX_HOLD_PERIODS * holdSeconds * 1000)
}

/** Why seats cannot be reserved now, as far as the sales window says; undefined inside of it. */
export function salesRefusal(
  { salesStartAt, salesEndAt }: Pick<EventSettings, 'salesStartAt' | 'salesEndAt'>,
  now: Date,
): Extract<Refusal, 'sales_not_open' | 'sales_closed'> | undefined {
  if (salesStartAt !== null && now < salesStartAt) return 'sales_not_open'
  if (salesEndAt !== null && now >= salesEndAt) return 'sales_closed'
  return undefined
}

/** Whether sales with these limits can ever be open; a side that is null is open. */
export function isSalesWindow({
  salesStartAt,
  salesEndAt,
}: Pick<EventSettings, 'salesStartAt' | 'salesEndAt'>): boolean {
  return salesStartAt === null || salesEndAt === null || salesStartAt < salesEndAt
}

/** Why seats cannot be had, as far as the event's status says; undefined where it is on sale. */
export function statusRefusal({ status }: EventSettings): Refused | undefined {
  return status === 'on_sale' ? undefined : refuseFor(status)
}

/** Whether a booking has to keep its seats: a hold never has, nor a booking that ends in any case. */
export function mustKeepSeats(
  { status }: Pick<Booking, 'status'>,
  { status: eventStatus, cancelUntil }: EventSettings,
  now: Date,
): boolean {
  if (status === 'held' || eventStatus === 'cancelled') return false
  return cancelUntil !== null && now >= cancelUntil
}

/** Whether it is too late to join the line. */
export function isLineClosed({ waitlistClosesAt }: EventSettings, now: Date): boolean {
  return waitlistClosesAt !== null && now >= waitlistClosesAt
}
