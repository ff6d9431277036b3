import { eventIdOf, type Command } from '../domain/commands.ts'
import { newEventState, type EventState, type State } from '../domain/state.ts'
import { WaitingKinds } from '../domain/waiting-kinds.ts'
import { askedKey } from './asked.ts'
import { byArrival } from './by-arrival.ts'
import { loadDetails, NO_DETAILS, type Details } from './load-details.ts'
import { loadSeats, type LoadedSeats } from './load-seats.ts'
import { hasEndings } from './load-endings.ts'
import type { Loaded, LockedEvent } from './lock-and-load.ts'
import type { Sql } from './rows.ts'
import type { SeatsAtHand } from './seats-at-hand.ts'
import { settingsOf } from './settings-rows.ts'
import { variedBeyond } from './varied-lines.ts'

export interface LoadedState {
  readonly state: State
  /** Events, by their `askedKey`, of which too much would have to be read beside others: for the next batch. */
  readonly putOff: ReadonlySet<string>
}

/**
 * What the commands are decided on. Where all of them reserve, nobody waits and no booking is to end,
 * that is what has been loaded with the locks.
 *
 * @param maxSettled - how many expired holds, and how many waitlist entries, are loaded to be
 *   settled, over all events
 */
export async function loadState(
  tx: Sql,
  loaded: Loaded,
  commands: readonly Command[],
  maxSettled: number,
  seatsAtHand: SeatsAtHand,
): Promise<LoadedState> {
  const { now, bookedUsers } = loaded
  const varied = await variedBeyond(tx, loaded.events, commandsOn(loaded.events, commands))
  const events = loaded.events.filter(({ id }) => !varied.has(id))
  const own = commandsOn(events, commands)
  const details = isPlain(events, own)
    ? NO_DETAILS
    : await loadDetails(tx, { events, commands: own, now, maxSettled, seatsAtHand })
  const seats =
    details === NO_DETAILS ? await loadSeats(tx, events, own, seatsAtHand) : details.seats
  // Who comes first is settled first: what a batch may search is shared by all of its events.
  const ready = byArrival(events, own).filter(({ id }) => !seats.putOff.has(id))
  const states = ready.map((event): [number, EventState] => [
    event.id,
    stateOf(event, details, bookedUsers.get(event.id) ?? new Set(), seats.of.get(event.id)),
  ])
  return {
    state: { events: new Map(states), now },
    putOff: keysOf(loaded.events, [...varied, ...seats.putOff]),
  }
}

function keysOf(events: readonly LockedEvent[], ids: readonly number[]): ReadonlySet<string> {
  const own = events.filter(({ id }) => ids.includes(id))
  return new Set(own.map(({ id, tenant_id: tenantId }) => askedKey({ id, tenantId })))
}

/**
 * The commands whose event is there for their tenant. For the others nothing is loaded, also where
 * somebody else in the batch has the event: what is another's costs what does not exist.
 */
function commandsOn(events: readonly LockedEvent[], commands: readonly Command[]): Command[] {
  const tenants = new Map(events.map(({ id, tenant_id }) => [id, tenant_id]))
  return commands.filter((command) => {
    const id = eventIdOf(command)
    return id !== null && tenants.get(id) === command.origin.tenantId
  })
}

function isPlain(events: readonly LockedEvent[], commands: readonly Command[]): boolean {
  return (
    events.every(
      (event) => event.waiting === 0 && !event.has_expired_holds && !hasEndings(event),
    ) && commands.every(({ type }) => type === 'reserve')
  )
}

function expiredIn(
  { id }: StateRow,
  { expired }: Details,
): Pick<EventState, 'expiredHolds' | 'expiredBookings'> {
  const bookings = [...expired.values()].flatMap(({ booking }) => booking ?? [])
  const own = bookings.filter(({ eventId }) => eventId === id)
  return {
    expiredHolds: new Map([...expired].map(([bookingId, { userId }]) => [bookingId, userId])),
    expiredBookings: new Map(own.map((booking) => [booking.id, booking])),
  }
}

/** What of an event's row its state is made of. */
export type StateRow = Omit<LockedEvent, 'row_version' | 'has_expired_holds' | 'is_stale'>

/** The state of an event of which nothing is loaded but its row, and which of some users are booked. */
export function bareStateOf(event: StateRow, bookedUsers: ReadonlySet<string>): EventState {
  const state = stateOf(event, NO_DETAILS, bookedUsers, undefined)
  return { ...state, waitlistLength: event.waiting }
}

function stateOf(
  event: StateRow,
  details: Details,
  bookedUsers: ReadonlySet<string>,
  seats: LoadedSeats | undefined,
): EventState {
  const { bookings, line, metadata, remainder } = details.of(event.id)
  return {
    ...newEventState(event.id, event.tenant_id, settingsOf(event, metadata)),
    lastSequence: event.last_sequence,
    takenSeats: event.taken,
    heldSeats: event.held,
    poolsTaken: new Map(event.pools?.map(({ key, taken }) => [key, taken])),
    poolsBlocked: new Map(event.pools?.map(({ key, blocked }) => [key, blocked])),
    blockedSeats: event.blocked,
    seatingDigest: event.seating,
    occupancy: seats?.occupancy ?? null,
    blocked: new Map(seats?.blocked),
    // The whole line, where it is loaded, knows better than a counter that was tampered with.
    waitlistLength: line.isWhole ? line.front.length : event.waiting,
    bookings: new Map(bookings.map((booking) => [booking.id, booking])),
    bookedUsers: new Set([...bookedUsers, ...line.bookedUsers]),
    ...expiredIn(event, details),
    line: new Map(line.front.map((entry) => [entry.id, entry])),
    entriesBehind: new Map(line.behind.map((entry) => [entry.id, entry])),
    kinds: line.kinds ?? (event.pools === null ? null : new WaitingKinds()),
    waitingUsers: new Set(line.waitingUsers),
    remainder,
  }
}
