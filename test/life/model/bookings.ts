import { closedBy, linesOf, plain, refusalByTypes, refusalOfLabels, seatsIn } from './lines.ts'
import { excessOf, growthOf, nextInLine, shortageOf, takesOf } from './room.ts'
import { chooseSeats, labelsIn, seatsAfterWait } from './seats.ts'
import {
  isFor,
  isFrom,
  refused,
  shown,
  type CommandOf,
  type ModelBooking,
  type ModelEvent,
  type ModelLine,
  type ModelOutcome,
  type ModelRefused,
} from './types.ts'

let refs = 0

/** Serves whoever in line can be served. */
export function serve(event: ModelEvent): void {
  const next = event.settings.status === 'on_sale' ? nextInLine(event) : undefined
  if (next === undefined) return
  event.line = event.line.filter((entry) => entry !== next)
  const lines = seatsAfterWait(event, next.lines)
  add(event, { ...next, lines, status: event.settings.waitlistPromotesTo })
  serve(event)
}

type Made = Pick<ModelBooking, 'user' | 'lines' | 'status' | 'metadata'>

function add(event: ModelEvent, { user, lines, status, metadata }: Made): ModelBooking {
  const { now: createdAt, settings } = event
  const expiresAt = status === 'held' ? createdAt + settings.holdSeconds * 1000 : null
  const seats = seatsIn(lines)
  const booking = { ref: ++refs, user, seats, lines, status, expiresAt, createdAt, metadata }
  event.bookings.push(booking)
  return booking
}

/** Why nothing is sold, as far as the status of the event says. */
function notOnSale({ settings: { status } }: ModelEvent): ModelRefused | undefined {
  return status === 'on_sale' ? undefined : { ...refused('not_on_sale'), status }
}

export function reserve(event: ModelEvent, command: CommandOf<'reserve'>): ModelOutcome {
  const { by, user, hold, metadata } = command
  if (!isFor(by, user)) return refused('user_mismatch')
  const lines = allowedLines(event, command)
  if ('refused' in lines) return lines
  const shortage = shortageOf(event, takesOf(lines))
  if (shortage !== undefined) return withoutRoom(event, command, lines, shortage)
  const chosen = chooseSeats(event, lines)
  if ('refused' in chosen) return chosen
  // Who waits for one thing and books another gives up the place in line.
  event.line = event.line.filter((entry) => entry.user !== user)
  const status = hold ? 'held' : 'confirmed'
  const booking = add(event, { user, lines: chosen, status, metadata })
  serve(event)
  return shown(booking)
}

/** What is asked for, by all rules that turn on no room. */
function allowedLines(
  event: ModelEvent,
  command: CommandOf<'reserve'>,
): readonly ModelLine[] | ModelRefused {
  const { settings, now } = event
  const closed = notOnSale(event)
  if (closed !== undefined) return closed
  const lines = linesOf(settings, command)
  if ('refused' in lines) return lines
  const mislabelled = refusalOfLabels(event, lines)
  if (mislabelled !== undefined) return mislabelled
  const { maxSeatsPerBooking } = settings
  if (seatsIn(lines) > maxSeatsPerBooking) return refused('too_many_seats', maxSeatsPerBooking)
  if (event.bookings.some(({ user }) => user === command.user)) return refused('already_booked')
  const window = closedBy(settings, now)
  if (window !== undefined) return refused(window)
  return refusalByTypes(event, lines) ?? lines
}

function withoutRoom(
  event: ModelEvent,
  { user, waitlist, metadata }: CommandOf<'reserve'>,
  lines: readonly ModelLine[],
  shortage: ModelRefused,
): ModelOutcome {
  if (!waitlist) return shortage
  if (event.line.some((entry) => entry.user === user)) return refused('already_waiting')
  const excess = excessOf(event, takesOf(lines))
  if (excess !== undefined) return excess
  if (isFrom(event.settings.waitlistClosesAt, event.now)) return refused('waitlist_closed')
  const entry = { ref: ++refs, user, seats: seatsIn(lines), lines, metadata }
  event.line.push(entry)
  const { ref: _, ...told } = entry
  return { waiting: { ...told, position: event.line.length } }
}

type OnBooking = CommandOf<'confirm' | 'extend' | 'cancel' | 'resize'>

export function withBooking(event: ModelEvent, command: OnBooking): ModelOutcome {
  const isNamed = ({ ref, user }: ModelBooking): boolean =>
    ref === command.booking && isFor(command.by, user)
  const booking = event.bookings.find(isNamed)
  if (booking === undefined) return withMissing(event, command, event.expired.find(isNamed))
  switch (command.type) {
    case 'resize':
      return resize(event, booking, command)
    case 'extend':
      return extend(event, booking)
    case 'cancel':
      return cancel(event, booking)
    case 'confirm':
      booking.status = 'confirmed'
      booking.expiresAt = null
      return shown(booking)
  }
}

/** @param expired - the booking, where its hold has ended by itself */
function withMissing(
  event: ModelEvent,
  command: OnBooking,
  expired: ModelBooking | undefined,
): ModelOutcome {
  const { type } = command
  const tellsApart = type === 'confirm' || type === 'extend'
  if (expired === undefined || !tellsApart) return refused('booking_not_found')
  if (!('isLate' in command) || !command.isLate) return refused('hold_expired')
  return reacquire(event, expired)
}

/** The payment came late: the very same seats, if they are free and nobody waits for them. */
function reacquire(event: ModelEvent, expired: ModelBooking): ModelOutcome {
  const closed = notOnSale(event)
  if (closed !== undefined) return closed
  if (event.bookings.some(({ user }) => user === expired.user)) return refused('already_booked')
  const shortage = shortageOf(event, takesOf(expired.lines))
  if (shortage !== undefined) return shortage
  const chosen = chooseSeats(event, expired.lines)
  if ('refused' in chosen) return chosen
  event.expired = event.expired.filter((other) => other !== expired)
  event.line = event.line.filter(({ user }) => user !== expired.user)
  const booking: ModelBooking = { ...expired, status: 'confirmed', expiresAt: null }
  event.bookings.push(booking)
  serve(event)
  return shown(booking)
}

export function cancelOfUser(
  event: ModelEvent,
  { by, user }: CommandOf<'cancel_of_user'>,
): ModelOutcome {
  if (!isFor(by, user)) return refused('user_mismatch')
  const booking = event.bookings.find((each) => each.user === user)
  return booking === undefined ? refused('booking_not_found') : cancel(event, booking)
}

function cancel(event: ModelEvent, booking: ModelBooking): ModelOutcome {
  if (isKept(event, booking)) return refused('cancellation_closed')
  event.bookings = event.bookings.filter((other) => other !== booking)
  serve(event)
  return 'done'
}

function isKept({ settings, now }: ModelEvent, { status }: ModelBooking): boolean {
  return status === 'confirmed' && isFrom(settings.cancelUntil, now)
}

function extend({ settings, now }: ModelEvent, booking: ModelBooking): ModelOutcome {
  if (booking.expiresAt === null) return refused('not_held')
  const holdMs = settings.holdSeconds * 1000
  const latest = booking.createdAt + 4 * holdMs
  if (booking.expiresAt >= latest) return refused('hold_limit_reached')
  booking.expiresAt = Math.max(booking.expiresAt, Math.min(now + holdMs, latest))
  return shown(booking)
}

function resize(
  event: ModelEvent,
  booking: ModelBooking,
  { wish, metadata }: CommandOf<'resize'>,
): ModelOutcome {
  const wanted = wish === null ? booking.lines : linesOf(event.settings, wish, booking)
  if ('refused' in wanted) return wanted
  if (!isSame(wanted, booking.lines)) {
    const moved = move(event, booking, wanted)
    if ('refused' in moved) return moved
    booking.lines = moved
    booking.seats = seatsIn(moved)
  }
  booking.metadata = metadata ?? booking.metadata
  serve(event)
  return shown(booking)
}

function isSame(a: readonly ModelLine[], b: readonly ModelLine[]): boolean {
  const words = (lines: readonly ModelLine[]): string =>
    JSON.stringify(
      lines.map(({ type, seats, pools, labels, best }) => [type, seats, pools, labels, best]),
    )
  return words(plain(a)) === words(plain(b))
}

/** The lines that the booking is to have instead of its own. */
function move(
  event: ModelEvent,
  booking: ModelBooking,
  wanted: readonly ModelLine[],
): readonly ModelLine[] | ModelRefused {
  const mislabelled = refusalOfLabels(event, wanted, booking)
  if (mislabelled !== undefined) return mislabelled
  const growth = growthOf(booking.lines, wanted)
  const closed = growth.size > 0 ? notOnSale(event) : undefined
  if (closed !== undefined) return closed
  const more = seatsIn(wanted) - booking.seats
  const { maxSeatsPerBooking } = event.settings
  if (more < 0 && isKept(event, booking)) return refused('cancellation_closed')
  if (more > 0 && seatsIn(wanted) > maxSeatsPerBooking) {
    return refused('too_many_seats', maxSeatsPerBooking)
  }
  const byType = refusalByTypes(event, wanted, booking.lines)
  if (byType !== undefined) return byType
  return shortageOf(event, growth) ?? chooseSeats(event, wanted, labelsIn(booking.lines))
}
