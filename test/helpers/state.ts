import { DEFAULT_TENANT } from '../../src/domain/access.ts'
import type { Command } from '../../src/domain/commands.ts'
import { decide, LATER, type Verdict } from '../../src/domain/decide/decide.ts'
import type { Fact } from '../../src/domain/facts.ts'
import type { Booking, EventSettings, WaitlistEntry } from '../../src/domain/model.ts'
import type { Outcome } from '../../src/domain/outcomes.ts'
import { DEFAULT_SETTINGS, isExpired } from '../../src/domain/policy.ts'
import {
  newEventState,
  NO_REMAINDER,
  type EventState,
  type Remainder,
  type State,
} from '../../src/domain/state.ts'
import { kindOf } from './outcomes.ts'

export const NOW = new Date('2026-01-15T10:30:00.000Z')

/** An instant so many seconds from `NOW`. */
export function inSeconds(seconds: number): Date {
  return new Date(NOW.getTime() + seconds * 1000)
}

type BookingGiven = Partial<Booking> & { readonly userId: string }
type EntryGiven = readonly [userId: string, seats?: number]

export interface EventGiven {
  readonly settings?: Partial<EventSettings>
  /** With ids from 1 on; those whose hold has expired are due. */
  readonly bookings?: readonly BookingGiven[]
  /** Users in line, with ids from 11 on, and the seats that they wait for: 1 by default. */
  readonly line?: readonly EntryGiven[]
  /** How many more stand in line behind those, `behind` among them. */
  readonly notLoaded?: number
  /** Of the entries behind the front those that are loaded all the same, with ids from 51 on. */
  readonly behind?: readonly EntryGiven[]
  /** The one of all entries in line with the most seats, by its user. */
  readonly largest?: string
  /** Whose they were, of bookings whose hold has expired. */
  readonly expiredHolds?: readonly (readonly [id: number, userId: string | null])[]
  /** The bookings that end in this batch because the event is cancelled: none are loaded by default. */
  readonly ending?: readonly number[]
  /** Seats of holds that have expired too, and are left to the next batch. */
  readonly moreExpiredSeats?: number
}

/** The event 1 as the rules are given it, with seven facts in its history. */
export function stateOf(given: EventGiven): State {
  const { settings, bookings = [], moreExpiredSeats = 0 } = given
  const all = bookings.map(bookingOf)
  const line = (given.line ?? []).map(entriesFrom(11))
  const behind = (given.behind ?? []).map(entriesFrom(51))
  const defaults = { ...DEFAULT_SETTINGS, name: 'Event', totalSeats: 4, maxSeatsPerBooking: 4 }
  const event: EventState = {
    ...newEventState(1, DEFAULT_TENANT, { ...defaults, ...settings }),
    lastSequence: 7,
    takenSeats: seatsOf(all) + moreExpiredSeats,
    heldSeats: seatsOf(all.filter(({ status }) => status === 'held')) + moreExpiredSeats,
    waitlistLength: line.length + (given.notLoaded ?? 0),
    bookings: byId(all),
    bookedUsers: usersOf(all),
    expiredHolds: new Map(given.expiredHolds),
    line: byId(line),
    entriesBehind: byId(behind),
    waitingUsers: usersOf([...line, ...behind]),
    remainder: remainderOf(given, all, [...line, ...behind]),
  }
  return { events: new Map([[1, event]]), now: NOW }
}

function bookingOf(given: BookingGiven, i: number): Booking {
  const defaults = { id: i + 1, eventId: 1, seats: 1, lines: null, createdAt: NOW }
  const status = given.expiresAt ? 'held' : 'confirmed'
  return { ...defaults, expiresAt: null, status, ...given }
}

function entriesFrom(firstId: number): (given: EntryGiven, i: number) => WaitlistEntry {
  return ([userId, seats = 1], i) => ({
    id: firstId + i,
    eventId: 1,
    userId,
    seats,
    lines: null,
    createdAt: NOW,
  })
}

function remainderOf(
  { moreExpiredSeats = 0, largest, ending }: EventGiven,
  bookings: readonly Booking[],
  entries: readonly WaitlistEntry[],
): Remainder {
  const due = bookings.filter((booking) => isExpired(booking, NOW)).sort(byExpiry)
  return {
    ...NO_REMAINDER,
    dueBookingIds: due.map(({ id }) => id),
    hasMoreExpired: moreExpiredSeats > 0,
    moreExpiredSeats,
    largestEntry: entries.find(({ userId }) => userId === largest) ?? null,
    endingBookingIds: ending ?? null,
  }
}

/** The order in which holds end. */
export function byExpiry(a: Booking, b: Booking): number {
  return (a.expiresAt?.getTime() ?? 0) - (b.expiresAt?.getTime() ?? 0) || a.id - b.id
}

export function byId<T extends { readonly id: number }>(items: readonly T[]): Map<number, T> {
  return new Map(items.map((item) => [item.id, item]))
}

export function usersOf(items: readonly { readonly userId: string }[]): Set<string> {
  return new Set(items.map(({ userId }) => userId))
}

export function seatsOf(items: readonly { readonly seats: number }[]): number {
  return items.reduce((sum, { seats }) => sum + seats, 0)
}

export interface Decided {
  readonly verdicts: readonly Verdict[]
  /** What each command came to, in one word: see `wordOf`. */
  readonly words: readonly ReturnType<typeof wordOf>[]
  readonly facts: readonly Fact[]
  /** What the history tells, in words such as `promoted bob 2`. */
  readonly told: readonly string[]
  /** The event as the commands leave it. */
  readonly event: EventState
  /** Whether work is left to the next batch. */
  readonly isUnsettled: boolean
}

/** Decides commands on the event 1. */
export function decideOn(given: EventGiven, commands: readonly Command[]): Decided {
  const state = stateOf(given)
  const event = state.events.get(1)
  if (event === undefined) throw new RangeError('there is no event 1')
  const { verdicts, facts, unsettled } = decide(state, commands)
  return {
    verdicts,
    words: verdicts.map(wordOf),
    facts,
    told: facts.map(inWords),
    event,
    isUnsettled: unsettled.some(({ id }) => id === 1),
  }
}

/** The kind of the command's success, its refusal, or `later`. */
export function wordOf(verdict: Verdict): ReturnType<typeof kindOf> | 'later' {
  return verdict === LATER ? 'later' : kindOf(verdict)
}

/** What was decided of the command at that place. @throws where it is left to the next batch */
export function decidedAs({ verdicts }: Decided, place = 0): Outcome {
  const verdict = verdicts[place]
  if (verdict === undefined) throw new RangeError(`there is no command ${place}`)
  if (verdict === LATER) throw new TypeError(`the command ${place} is decided later`)
  return verdict
}

/** A fact in words: what, whose or which settings, and the seats after it. */
export function inWords(fact: Fact): string {
  if (fact.type === 'settings_changed') {
    return ['settings_changed', ...Object.keys(fact.settings).sort()].join(' ')
  }
  const user = 'userId' in fact ? [fact.userId] : []
  return [fact.type, ...user, fact.seatsAfter].join(' ')
}
