import type {
  Booking,
  CancelCommand,
  ChangeEventCommand,
  Command,
  ConfirmCommand,
  DeleteEventCommand,
  ExtendCommand,
  LeaveWaitlistCommand,
  Outcome,
  Refusal,
  ReserveCommand,
  ResizeCommand,
} from './commands.ts'
import { EventDraft } from './event-draft.ts'
import type { Changes, State } from './state.ts'

/** A hold can be extended until it has lasted this many times the event's `holdSeconds`. */
const MAX_HOLD_PERIODS = 4

export interface Decision {
  /** One outcome for each command, in the commands' order. */
  readonly outcomes: readonly Outcome[]
  readonly changes: readonly Changes[]
}

/**
 * The whole policy of a booking's life: decides the commands in their order, each against the
 * state that the earlier ones leave. Pure: no I/O, no clock; the given state stays as it is.
 *
 * Before the commands of an event are decided, its expired holds end. Whatever frees seats serves
 * the waitlist at once, so that at any other time nobody waits who could be served.
 *
 * @throws RangeError where the state lacks an id for a new row: an error of the caller.
 */
export function decide(state: State, commands: readonly Command[]): Decision {
  const ids = { bookings: state.bookingIds.toReversed(), entries: state.entryIds.toReversed() }
  const drafts = new Map(
    [...state.events].map(([id, event]) => [id, new EventDraft(event, state.now, ids)]),
  )
  for (const draft of drafts.values()) {
    endExpiredHolds(draft)
    // Seats that were given back by hand, in SQL, are offered now.
    serveWaitlist(draft)
  }
  const outcomes = commands.map((command) => {
    const draft = drafts.get(command.eventId)
    if (draft === undefined || draft.isDeleted) return refuse(missing(command))
    draft.requestId = command.requestId
    return decideOne(draft, command)
  })
  return { outcomes, changes: [...drafts.values()].map((draft) => draft.changes()) }
}

function decideOne(draft: EventDraft, command: Command): Outcome {
  switch (command.type) {
    case 'reserve':
      return reserve(draft, command)
    case 'confirm':
      return confirm(draft, command)
    case 'extend':
      return extend(draft, command)
    case 'cancel':
      return cancel(draft, command)
    case 'resize':
      return resize(draft, command)
    case 'leave_waitlist':
      return leaveWaitlist(draft, command)
    case 'change_event':
      return changeEvent(draft, command)
    case 'delete_event':
      return deleteEvent(draft, command)
    case 'sweep':
      return DONE
  }
}

function endExpiredHolds(draft: EventDraft): void {
  for (const booking of draft.expiredHolds()) draft.remove(booking, 'expired')
}

/** First come, first served: the first in line is never overtaken, by no smaller party either. */
function serveWaitlist(draft: EventDraft): void {
  for (let first = draft.firstInLine(); first !== undefined; first = draft.firstInLine()) {
    // Booked by somebody who wrote past the service: nobody waits for what he has.
    if (draft.isBooked(first.userId)) draft.leave(first)
    else if (first.seats > draft.freeSeats) return
    else draft.promote(first, draft.settings.waitlistPromotesTo)
  }
}

function reserve(draft: EventDraft, command: ReserveCommand): Outcome {
  const { userId, seats } = command
  const { maxSeatsPerBooking, totalSeats } = draft.settings
  if (seats > maxSeatsPerBooking) return refuse('too_many_seats', maxSeatsPerBooking)
  if (draft.isBooked(userId)) return refuse('already_booked')
  const closed = salesRefusal(draft)
  if (closed !== undefined) return refuse(closed)
  if (hasRoom(draft, seats)) {
    return booked(draft.book(userId, seats, command.hold ? 'held' : 'confirmed'))
  }
  if (!command.waitlist) return refuse('sold_out')
  if (draft.isWaiting(userId)) return refuse('already_waiting')
  // Nobody could ever be served behind such an entry.
  if (seats > totalSeats) return refuse('exceeds_capacity', totalSeats)
  return { ok: true, result: { kind: 'waiting', ...draft.wait(userId, seats) } }
}

/** Free seats are for those in line: newcomers, and bookings that grow, do not overtake them. */
function hasRoom(draft: EventDraft, seats: number): boolean {
  return draft.waitlistLength === 0 && seats <= draft.freeSeats
}

function salesRefusal({ settings, now }: EventDraft): Refusal | undefined {
  const { salesStartAt, salesEndAt } = settings
  if (salesStartAt !== null && now < salesStartAt) return 'sales_not_open'
  if (salesEndAt !== null && now >= salesEndAt) return 'sales_closed'
  return undefined
}

function confirm(draft: EventDraft, { bookingId }: ConfirmCommand): Outcome {
  const booking = draft.booking(bookingId)
  if (booking === undefined) return refuseMissing(draft, bookingId)
  if (booking.status === 'confirmed') return booked(booking)
  return booked(draft.update(booking, { status: 'confirmed', expiresAt: null }, 'confirmed'))
}

function extend(draft: EventDraft, { bookingId }: ExtendCommand): Outcome {
  const booking = draft.booking(bookingId)
  if (booking === undefined) return refuseMissing(draft, bookingId)
  if (booking.expiresAt === null) return refuse('not_held')
  const periodMs = draft.settings.holdSeconds * 1000
  const latest = booking.createdAt.getTime() + MAX_HOLD_PERIODS * periodMs
  const current = booking.expiresAt.getTime()
  if (current >= latest) return refuse('hold_limit_reached')
  const wanted = Math.min(draft.now.getTime() + periodMs, latest)
  // Never shortened: the event's period may have become less meanwhile.
  if (wanted <= current) return booked(booking)
  const expiresAt = new Date(wanted)
  return booked(draft.update(booking, { expiresAt }, 'extended'))
}

function cancel(draft: EventDraft, { bookingId }: CancelCommand): Outcome {
  const booking = draft.booking(bookingId)
  if (booking === undefined) return refuse('booking_not_found')
  draft.remove(booking, booking.status === 'held' ? 'released' : 'cancelled')
  serveWaitlist(draft)
  return DONE
}

function resize(draft: EventDraft, { bookingId, seats }: ResizeCommand): Outcome {
  const booking = draft.booking(bookingId)
  if (booking === undefined) return refuse('booking_not_found')
  const { maxSeatsPerBooking } = draft.settings
  if (seats === booking.seats) return booked(booking)
  if (seats > booking.seats) {
    if (seats > maxSeatsPerBooking) return refuse('too_many_seats', maxSeatsPerBooking)
    if (!hasRoom(draft, seats - booking.seats)) return refuse('sold_out')
  }
  const resized = draft.update(booking, { seats }, 'resized')
  serveWaitlist(draft)
  return booked(resized)
}

function leaveWaitlist(draft: EventDraft, { entryId }: LeaveWaitlistCommand): Outcome {
  const entry = draft.entry(entryId)
  if (entry === undefined) return refuse('waitlist_entry_not_found')
  draft.leave(entry)
  // A large party may have stood before others who fit.
  serveWaitlist(draft)
  return DONE
}

function changeEvent(draft: EventDraft, command: ChangeEventCommand): Outcome {
  if (!command.isExpected(draft.view())) return refuse('event_changed')
  const { totalSeats, salesStartAt, salesEndAt } = { ...draft.settings, ...command.changes }
  if (!isSalesWindow(salesStartAt, salesEndAt)) return refuse('sales_window_invalid')
  if (totalSeats < draft.takenSeats) return refuse('capacity_below_taken', draft.takenSeats)
  if (totalSeats !== draft.settings.totalSeats) {
    // First in line, an entry that is larger could never be served, and nobody behind it.
    const { largestWaiting } = draft
    if (totalSeats < largestWaiting) return refuse('capacity_below_waiting', largestWaiting)
  }
  draft.change(command.changes)
  serveWaitlist(draft)
  return { ok: true, result: { kind: 'event', event: draft.view() } }
}

function deleteEvent(draft: EventDraft, command: DeleteEventCommand): Outcome {
  if (!command.isExpected(draft.view())) return refuse('event_changed')
  if (draft.takenSeats > 0 && !command.force) return refuse('event_has_bookings')
  draft.delete()
  return DONE
}

/** Whether sales that start and end then can ever be open; a side that is null is open. */
export function isSalesWindow(salesStartAt: Date | null, salesEndAt: Date | null): boolean {
  return salesStartAt === null || salesEndAt === null || salesStartAt < salesEndAt
}

/** What is not there any more where the event of a command is gone. */
function missing(command: Command): Refusal {
  if ('bookingId' in command) return 'booking_not_found'
  return 'entryId' in command ? 'waitlist_entry_not_found' : 'event_not_found'
}

const DONE: Outcome = { ok: true, result: { kind: 'done' } }

function booked(booking: Booking): Outcome {
  return { ok: true, result: { kind: 'booking', booking } }
}

/** A hold that has ended is told apart from a booking that never was. */
function refuseMissing(draft: EventDraft, bookingId: number): Outcome {
  return refuse(draft.hasExpired(bookingId) ? 'hold_expired' : 'booking_not_found')
}

function refuse(refusal: Refusal, figure?: number): Outcome {
  return figure === undefined ? { ok: false, refusal } : { ok: false, refusal, figure }
}
