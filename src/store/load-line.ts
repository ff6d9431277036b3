import type { Command } from '../domain/commands.ts'
import {
  loadEntriesOfUsers,
  loadFronts,
  loadLargest,
  loadNamedEntries,
  type OfUser,
} from './load-entries.ts'
import { loadKinds, type Going, type LoadedKinds } from './load-kinds.ts'
import type { LockedEvent } from './lock-and-load.ts'
import { roomsOf } from './room.ts'
import { groupByEvent, type BookingRow, type EntryRow, type Sql } from './rows.ts'
import { pieceOf, shareOf } from './settled-piece.ts'

/** What is loaded of the waitlists, by event. */
export interface LoadedLines {
  /** The first in line, in order; of events with pools the first of each kind. */
  readonly fronts: ReadonlyMap<number, readonly EntryRow[]>
  /** The events of which that is the whole line. */
  readonly whole: ReadonlySet<number>
  /** Of events with pools: see `LoadedKinds`. */
  readonly loadedUpTo: ReadonlyMap<number, LoadedKinds['loadedUpTo']>
  /** Of those the ones at which nobody can be served, whatever the commands give back. */
  readonly full: ReadonlySet<number>
  /**
   * Entries that commands name; those of users whose seats are to be taken again; and at events with pools,
   * also those of the users whom commands name.
   */
  readonly named: ReadonlyMap<number, readonly EntryRow[]>
  /** Entries of the users whom commands name. */
  readonly ofUsers: ReadonlyMap<number, readonly { readonly user_id: string }[]>
  /** The entry with the most seats, where a command turns on it. */
  readonly largest: ReadonlyMap<number, readonly EntryRow[]>
}

const NO_LINES: LoadedLines = {
  fronts: new Map(),
  whole: new Set(),
  loadedUpTo: new Map(),
  full: new Set(),
  named: new Map(),
  ofUsers: new Map(),
  largest: new Map(),
}

interface Subject {
  readonly events: readonly LockedEvent[]
  readonly commands: readonly Command[]
  /** Of bookings that commands name, or that end. */
  readonly bookings: ReadonlyMap<number, readonly BookingRow[]>
  /** Whose seats are to be taken again: they may wait meanwhile. */
  readonly again: readonly OfUser[]
  readonly maxSettled: number
}

/** Reads of the waitlists what can come to be served, and what commands name. */
export async function loadLines(tx: Sql, subject: Subject): Promise<LoadedLines> {
  const waiting = subject.events.filter((event) => event.waiting > 0)
  if (waiting.length === 0) return NO_LINES
  const [plain, pooled] = [waiting.filter(isPlain), waiting.filter((event) => !isPlain(event))]
  const share = shareOf(subject.maxSettled, waiting.length)
  const ofPlain = goingOf(plain, subject)
  const places = new Map([...ofPlain].map(([id, going]) => [id, placesOf(going, share)]))
  const found = groupByEvent(await loadFronts(tx, places))
  // Who leaves is given no seats.
  const isLeft = (id: number) => ofPlain.get(id)?.leaving === Infinity
  const fronts = new Map(
    [...found].map(([id, rows]) => [id, isLeft(id) ? rows : pieceOf(rows, share)]),
  )
  const ofPooled = goingOf(pooled, subject)
  const kinds = await loadKinds(tx, ofPooled, share * pooled.length)
  const ofAgain = await loadEntriesOfUsers(tx, subject.again)
  const ofReserves = await loadEntriesOfUsers(tx, reserving(subject.commands, kinds))
  const ofUsers = [...ofReserves, ...ofAgain]
  const ofBooking = [...ofReserves.filter(({ event_id: id }) => kinds.has(id)), ...ofAgain]
  const isWhole = ({ id, waiting: length }: LockedEvent): boolean => {
    const ofKinds = kinds.get(id)
    if (ofKinds !== undefined) return ofKinds.loadedUpTo.size === 0
    const loaded = found.get(id)?.length ?? 0
    const isCut = (fronts.get(id)?.length ?? 0) < loaded
    return !isCut && (loaded === length || loaded < (places.get(id) ?? 0))
  }
  return {
    fronts: new Map([...fronts, ...[...kinds].map(([id, { front }]) => [id, front] as const)]),
    whole: new Set(waiting.filter(isWhole).map(({ id }) => id)),
    loadedUpTo: new Map([...kinds].map(([id, { loadedUpTo }]) => [id, loadedUpTo])),
    full: new Set([...ofPooled].flatMap(([id, { room }]) => (room.seats > 0 ? [] : id))),
    named: groupByEvent([...(await loadNamedEntries(tx, subject.commands)), ...ofBooking]),
    ofUsers: groupByEvent(ofUsers),
    largest: groupByEvent(await loadLargest(tx, waiting, subject.commands)),
  }
}

/** How much of the lines of events can go. */
function goingOf(
  events: readonly LockedEvent[],
  { commands, bookings }: Subject,
): Map<number, Going> {
  const cancelled = new Set(
    events.filter(({ status }) => status === 'cancelled').map(({ id }) => id),
  )
  const leaving = new Map<number, number>()
  for (const command of commands) {
    if (command.type !== 'leave_waitlist') continue
    leaving.set(command.eventId, 1 + (leaving.get(command.eventId) ?? 0))
  }
  return new Map(
    [...roomsOf(events, commands, bookings)].map(([id, room]) => [
      id,
      // All of a cancelled event's line goes.
      { room, leaving: cancelled.has(id) ? Infinity : (leaving.get(id) ?? 0) },
    ]),
  )
}

/**
 * How many places of a line can come to be looked at: as many as seats can be free in the end (an
 * entry takes one at least), one more that does not fit, and those that are given up; but no more
 * than a share of the bound.
 */
function placesOf({ room, leaving }: Going, share: number): number {
  return Math.min(Math.max(0, room.seats) + leaving + 1, share)
}

function isPlain({ pools }: LockedEvent): boolean {
  return pools === null
}

/** Those who may wait already: others are refused without a look at it. */
function reserving(
  commands: readonly Command[],
  pooled: ReadonlyMap<number, unknown>,
): readonly OfUser[] {
  const reserves = commands.filter((command) => command.type === 'reserve')
  // Where there are pools, who waits may book something else.
  return reserves.filter(({ waitlist, eventId }) => waitlist || pooled.has(eventId))
}
