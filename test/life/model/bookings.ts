import { linesOf, plain, refusalByTypes, refusalOfLabels, seatsIn } from './lines.ts'
import { growthOf, shortageOf, takesOf } from './room.ts'
import { chooseSeats, labelsIn } from './seats.ts'
import { notOnSale, serve } from './serve.ts'
import { isFor, isFrom, refused, shown, type ModelOutcome, type ModelRefused } from './outcomes.ts'
import type { CommandOf, ModelBooking, ModelEvent, ModelLine } from './types.ts'

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
  // A place of their own is given up for it.
  const others = event.line.filter(({ user }) => user !== expired.user)
  const shortage = shortageOf(event, takesOf(expired.lines), others)
  if (shortage !== undefined) return shortage
  const chosen = chooseSeats(event, expired.lines)
  if ('refused' in chosen) return chosen
  event.expired = event.expired.filter((other) => other !== expired)
  event.line = others
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
