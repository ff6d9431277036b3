import type { BookingFact, NewFact } from '../facts.ts'
import { withMetadata, type Metadata } from '../metadata.ts'
import type { Booking, BookingStatus, Line, WaitlistEntry } from '../model.ts'
import { expiryOfHold } from '../policy.ts'
import type { EventState } from '../state.ts'
import type { Ledger } from './ledger.ts'

type NewBookingFact = Extract<NewFact, { bookingId: number }>
type NewEntryFact = Exclude<Extract<NewFact, { waitlistEntryId: number }>, NewBookingFact>

/** The vocabulary in which decisions are written: each word records one fact. */

interface NewBooking {
  readonly type: Extract<BookingFact['type'], 'booked' | 'held' | 'promoted'>
  readonly userId: string
  readonly seats: number
  readonly lines: readonly Line[] | null
  readonly status: BookingStatus
  readonly waitlistEntryId?: number
  readonly metadata?: Metadata | undefined
}

export function addBooking(ledger: Ledger, event: EventState, made: NewBooking): Booking {
  const { type, userId, seats, lines, status, waitlistEntryId = null, metadata } = made
  const bookingId = ledger.nextBookingId()
  const expiresAt = status === 'held' ? expiryOfHold(event.settings, ledger.now) : null
  const seatsBefore = 0
  const seatsAfter = seats
  const fact = {
    type,
    bookingId,
    userId,
    status,
    lines,
    expiresAt,
    waitlistEntryId,
    seatsBefore,
    seatsAfter,
  }
  ledger.record(event, withMetadata<NewBookingFact>(fact, metadata))
  return recorded(event.bookings.get(bookingId))
}

export function updateBooking(
  ledger: Ledger,
  event: EventState,
  booking: Booking,
  type: 'confirmed' | 'extended' | 'resized' | 'metadata_changed',
  change: Partial<Pick<Booking, 'seats' | 'lines' | 'status' | 'expiresAt' | 'metadata'>>,
): Booking {
  const { status, lines, expiresAt, seats: seatsAfter } = { ...booking, ...change }
  const { id: bookingId, userId, seats: seatsBefore } = booking
  ledger.record(event, {
    type,
    bookingId,
    userId,
    status,
    lines,
    expiresAt,
    waitlistEntryId: null,
    seatsBefore,
    seatsAfter,
    // Also where there is none any more.
    ...(change.metadata !== undefined && { metadata: change.metadata }),
  })
  return recorded(event.bookings.get(bookingId))
}

/** Takes the seats of a hold that has expired again, for a confirmed booking. */
export function takeAgain(ledger: Ledger, event: EventState, expired: Booking): Booking {
  const { id: bookingId, userId, seats, lines, metadata } = expired
  const fact = {
    type: 'reacquired',
    bookingId,
    userId,
    status: 'confirmed',
    lines,
    expiresAt: null,
    waitlistEntryId: null,
    seatsBefore: 0,
    seatsAfter: seats,
  } as const
  ledger.record(event, withMetadata<NewBookingFact>(fact, metadata))
  ledger.takeAgain(bookingId)
  return recorded(event.bookings.get(bookingId))
}

export function endBooking(
  ledger: Ledger,
  event: EventState,
  { id, userId, seats, lines }: Booking,
  type: 'cancelled' | 'released' | 'expired',
): void {
  ledger.record(event, {
    type,
    bookingId: id,
    userId,
    status: null,
    lines,
    expiresAt: null,
    waitlistEntryId: null,
    seatsBefore: seats,
    seatsAfter: 0,
  })
}

/** Puts a user at the end of the line. */
export function joinLine(
  ledger: Ledger,
  event: EventState,
  userId: string,
  { seats, lines }: Pick<WaitlistEntry, 'seats' | 'lines'>,
  metadata: Metadata | undefined,
): WaitlistEntry {
  const waitlistEntryId = ledger.nextEntryId()
  const seatsChange = { seatsBefore: 0, seatsAfter: seats }
  const fact = { type: 'waitlisted', waitlistEntryId, userId, lines, ...seatsChange } as const
  ledger.record(event, withMetadata<NewEntryFact>(fact, metadata))
  return recorded(event.line.get(waitlistEntryId) ?? event.entriesBehind.get(waitlistEntryId))
}

export function leaveLine(
  ledger: Ledger,
  event: EventState,
  { id, userId, seats, lines }: WaitlistEntry,
): void {
  const seatsChange = { seatsBefore: seats, seatsAfter: 0 }
  const type = 'left_waitlist'
  ledger.record(event, { type, waitlistEntryId: id, userId, lines, ...seatsChange })
}

/** What a fact has left in the state. */
function recorded<T>(thing: T | undefined): T {
  if (thing === undefined) throw new RangeError('a fact has left no trace')
  return thing
}
