// The life of bookings once more, told by plain lists: nothing is counted along, everything is
// looked up anew, one command at a time. Slow, and plain to see. It knows bookings and places in
// line by numbers of its own (`ref`), since ids are given by PostgreSQL.

import { cancelOfUser, withBooking } from './bookings.ts'
import { reserve } from './reserve.ts'
import { serve } from './serve.ts'
import { blockSeats, changeEvent, deleteEvent, setSeating } from './settings.ts'
import { isFor, refused, type ModelOutcome } from './outcomes.ts'
import type { CommandOf, ModelCommand, ModelEvent, Settings } from './types.ts'

export function newEvent(settings: Settings): ModelEvent {
  const nobody = { bookings: [], line: [], expired: [], blocked: [] }
  return { now: 0, isDeleted: false, settings, seating: null, ...nobody }
}

/** Lets the time come; the holds that it ends go. */
export function reach(event: ModelEvent, now: number): void {
  event.now = now
  const ended = event.bookings.filter((b) => b.expiresAt !== null && b.expiresAt <= now)
  event.expired = [...event.expired, ...ended]
  event.bookings = event.bookings.filter((booking) => !ended.includes(booking))
  serve(event)
}

/** What comes of a command, which changes the event. */
export function decide(event: ModelEvent, command: ModelCommand): ModelOutcome {
  if (event.isDeleted || command.by.isStranger) return refused(missing(command))
  switch (command.type) {
    case 'reserve':
      return reserve(event, command)
    case 'confirm':
    case 'extend':
    case 'cancel':
    case 'resize':
      return withBooking(event, command)
    case 'cancel_of_user':
      return cancelOfUser(event, command)
    case 'leave_waitlist':
      return leave(event, command)
    case 'change_event':
      return changeEvent(event, command)
    case 'delete_event':
      return deleteEvent(event, command)
    case 'set_seating':
      return setSeating(event, command)
    case 'block_seats':
    case 'unblock_seats':
      return blockSeats(event, command)
    case 'settle':
      return 'done'
  }
}

function leave(event: ModelEvent, { by, entry }: CommandOf<'leave_waitlist'>): ModelOutcome {
  const stayed = event.line.filter(({ ref, user }) => ref !== entry || !isFor(by, user))
  if (stayed.length === event.line.length) return refused('waitlist_entry_not_found')
  event.line = stayed
  serve(event)
  return 'done'
}

function missing(command: ModelCommand): string {
  if (command.type === 'leave_waitlist') return 'waitlist_entry_not_found'
  const isOfBooking = 'booking' in command || command.type === 'cancel_of_user'
  return isOfBooking ? 'booking_not_found' : 'event_not_found'
}
