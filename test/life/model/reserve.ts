import { closedBy, linesOf, refusalByTypes, refusalOfLabels, seatsIn } from './lines.ts'
import { excessOf, shortageOf, takesOf } from './room.ts'
import { chooseSeats } from './seats.ts'
import { add, newRef, notOnSale, serve } from './serve.ts'
import {
  isFor,
  isFrom,
  refused,
  shown,
  withoutRef,
  type ModelOutcome,
  type ModelRefused,
} from './outcomes.ts'
import type { CommandOf, ModelEvent, ModelLine } from './types.ts'

export function reserve(event: ModelEvent, command: CommandOf<'reserve'>): ModelOutcome {
  const { by, user, hold, metadata } = command
  if (!isFor(by, user)) return refused('user_mismatch')
  const lines = allowedLines(event, command)
  if ('refused' in lines) return lines
  // Who waits for one thing and books another gives up the place in line, where there are pools.
  const mayChange = event.settings.pools.length > 0
  const others = event.line.filter((entry) => !mayChange || entry.user !== user)
  const shortage = shortageOf(event, takesOf(lines), others)
  if (shortage !== undefined) return withoutRoom(event, command, lines, shortage)
  const chosen = chooseSeats(event, lines)
  if ('refused' in chosen) return chosen
  event.line = others
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
  const entry = { ref: newRef(), user, seats: seatsIn(lines), lines, metadata }
  event.line.push(entry)
  return { waiting: { ...withoutRef(entry), position: event.line.length } }
}
