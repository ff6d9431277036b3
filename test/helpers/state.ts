import type { Booking, Command, EventSettings, Outcome } from '../../src/domain/commands.ts'
import { decide } from '../../src/domain/decide.ts'
import type { Changes, HistoryChange, State } from '../../src/domain/state.ts'

export const NOW = new Date('2026-01-15T10:30:00.000Z')

/** An instant so many seconds from `NOW`. */
export function inSeconds(seconds: number): Date {
  return new Date(NOW.getTime() + seconds * 1000)
}

type BookingGiven = Partial<Booking> & { userId: string }

export interface EventGiven {
  readonly settings?: Partial<EventSettings>
  /** With ids from 1 on. */
  readonly bookings?: readonly BookingGiven[]
  /** Users in line, with ids from 11 on, and the seats that they wait for: 1 unless told. */
  readonly line?: readonly (readonly [userId: string, seats?: number])[]
  /** How many more stand in line behind those, without being loaded. */
  readonly notLoaded?: number
  readonly expiredBookingIds?: readonly number[]
}

/** The event 1 as the rules are given it; new bookings get ids from 101 on, entries from 201 on. */
export function stateOf({ settings, bookings = [], line = [], ...given }: EventGiven): State {
  const all = bookings.map((booking, i): Booking => {
    const defaults = { id: i + 1, eventId: 1, seats: 1, createdAt: NOW, expiresAt: null }
    const status = booking.expiresAt ? 'held' : 'confirmed'
    return { ...defaults, status, ...booking }
  })
  const waitlist = line.map(([userId, seats = 1], i) => {
    return { id: 11 + i, eventId: 1, userId, seats, createdAt: NOW }
  })
  const seatsOf = (some: readonly Booking[]): number =>
    some.reduce((sum, { seats }) => sum + seats, 0)
  const event = {
    id: 1,
    settings: {
      ...{ name: 'Event', totalSeats: 4, startsAt: null, salesStartAt: null, salesEndAt: null },
      ...{ maxSeatsPerBooking: 4, holdSeconds: 600, waitlistPromotesTo: 'confirmed' as const },
      ...{ metadata: {}, ...settings },
    },
    takenSeats: seatsOf(all),
    heldSeats: seatsOf(all.filter(({ status }) => status === 'held')),
    bookedUsers: new Set(all.map(({ userId }) => userId)),
    bookings: all,
    expiredBookingIds: new Set(given.expiredBookingIds),
    waitlist,
    waitlistLength: waitlist.length + (given.notLoaded ?? 0),
    waitingUsers: new Set(waitlist.map(({ userId }) => userId)),
    lastSequence: 7,
  }
  const ids = (from: number): number[] => Array.from({ length: 9 }, (_, i) => from + i)
  return { events: new Map([[1, event]]), bookingIds: ids(101), entryIds: ids(201), now: NOW }
}

export interface Decided {
  readonly outcomes: readonly Outcome[]
  /** `true`, or the refusal, of each command. */
  readonly verdicts: readonly (true | string)[]
  readonly changes: Changes
  /** What the history tells, in words such as `promoted bob 2`. */
  readonly told: readonly string[]
}

/** Decides commands on the event 1. */
export function decideOn(given: EventGiven, commands: readonly Command[]): Decided {
  const { outcomes, changes } = decide(stateOf(given), commands)
  const [ofEvent] = changes
  if (ofEvent === undefined) throw new RangeError('nothing was decided of the event')
  const verdicts = outcomes.map((outcome) => (outcome.ok ? true : outcome.refusal))
  return { outcomes, verdicts, changes: ofEvent, told: ofEvent.history.changes.map(inWords) }
}

function inWords({ type, user_id: user, seats_after: seats }: HistoryChange): string {
  return [type, user, seats].filter((word) => word !== undefined).join(' ')
}
