import { seatsIn } from './lines.ts'
import { nextInLine } from './room.ts'
import { seatsAfterWait } from './seats.ts'
import { refused, type ModelRefused } from './outcomes.ts'
import type { ModelBooking, ModelEvent } from './types.ts'

let refs = 0

export function newRef(): number {
  refs += 1
  return refs
}

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

/** Makes a booking. */
export function add(event: ModelEvent, { user, lines, status, metadata }: Made): ModelBooking {
  const { now: createdAt, settings } = event
  const expiresAt = status === 'held' ? createdAt + settings.holdSeconds * 1000 : null
  const seats = seatsIn(lines)
  const booking = { ref: newRef(), user, seats, lines, status, expiresAt, createdAt, metadata }
  event.bookings.push(booking)
  return booking
}

/** Why nothing is sold, as far as the status of the event says. */
export function notOnSale({ settings: { status } }: ModelEvent): ModelRefused | undefined {
  return status === 'on_sale' ? undefined : { ...refused('not_on_sale'), status }
}
