import { isOwn } from '../access.ts'
import type { ReserveCommand } from '../commands/bookings.ts'
import type { WaitlistEntry } from '../model.ts'
import { booked, refuse, type Outcome, type Refused } from '../outcomes.ts'
import { isLineClosed, salesRefusal, statusRefusal } from '../policy.ts'
import { blockedOf, capacityOf } from '../capacity.ts'
import type { Seating } from '../seating/seating.ts'
import type { EventState } from '../state.ts'
import { addBooking, joinLine } from './changes.ts'
import { Ledger } from './ledger.ts'
import { refusalByTypes, resolveLines, type Seats } from './lines.ts'
import { placeOf, takeInsteadOf } from './place.ts'
import {
  mayFindRoom,
  needOf,
  putOff,
  putOffOrRefuse,
  shortageOf,
  soldOut,
  type Need,
  type Shortage,
} from './room.ts'
import { chooseSeats, refusalOfLabels } from './seats.ts'
import { LATER, type Verdict } from './verdict.ts'

export function reserve(ledger: Ledger, event: EventState, command: ReserveCommand): Verdict {
  const wanted = seatsAllowed(ledger, event, event.occupancy?.seating ?? null, command)
  if ('refusal' in wanted) return wanted
  // Where there are pools, who waits for one thing may book another, which their own entry does not hinder.
  const place = event.kinds === null ? undefined : placeOf(event, command.userId)
  const shortage = shortageOf(ledger, event, needOf(wanted), place)
  if (shortage !== undefined) return reserveWithoutRoom(ledger, event, command, wanted, shortage)
  const chosen = chooseSeats(ledger, event, wanted)
  if (chosen === LATER) return putOff(ledger, event)
  if ('refusal' in chosen) return putOffOrRefuse(ledger, event, wanted.seats, chosen)
  return book(ledger, event, command, chosen, place)
}

/**
 * The refusal that `reserve` would give no matter who has which numbered seat, to a command without
 * `waitlist`; undefined where there is none, or the command is to be decided later.
 *
 * @param event - with nothing left to settle, and where a place in line would be given up, without it
 * @param seating - null where the event's seats have no numbers
 */
export function refusalOnSight(
  now: Date,
  event: EventState,
  seating: Seating | null,
  command: ReserveCommand,
): Refused | undefined {
  const ledger = new Ledger(now)
  const wanted = seatsAllowed(ledger, event, seating, command)
  if ('refusal' in wanted) return wanted
  const shortage = shortageOf(ledger, event, needOf(wanted))
  if (shortage === undefined || mayFindRoom(ledger, event, wanted.seats)) return undefined
  return soldOut(shortage)
}

/** What is asked for, by the rules that turn on no room. */
function seatsAllowed(
  ledger: Ledger,
  event: EventState,
  seating: Seating | null,
  command: ReserveCommand,
): Seats | Refused {
  const { userId, origin } = command
  if (!isOwn(origin, userId)) return refuse('user_mismatch')
  const { settings } = event
  const notOnSale = statusRefusal(settings)
  if (notOnSale !== undefined) return notOnSale
  const wanted = resolveLines(settings, command)
  if ('refusal' in wanted) return wanted
  const mislabelled = refusalOfLabels(seating, wanted)
  if (mislabelled !== undefined) return mislabelled
  const { maxSeatsPerBooking } = settings
  if (wanted.seats > maxSeatsPerBooking) return refuse('too_many_seats', maxSeatsPerBooking)
  if (event.bookedUsers.has(userId)) return refuse('already_booked')
  const closed = salesRefusal(settings, ledger.now)
  if (closed !== undefined) return refuse(closed)
  return refusalByTypes(settings, wanted, ledger.now) ?? wanted
}

function book(
  ledger: Ledger,
  event: EventState,
  { userId, hold, metadata }: ReserveCommand,
  { seats, lines }: Seats,
  place: WaitlistEntry | undefined,
): Outcome {
  const type = hold ? 'held' : 'booked'
  const status = hold ? 'held' : 'confirmed'
  const made = { type, userId, seats, lines, status, metadata } as const
  return booked(takeInsteadOf(ledger, event, place, () => addBooking(ledger, event, made)))
}

function reserveWithoutRoom(
  ledger: Ledger,
  event: EventState,
  { userId, waitlist, metadata }: ReserveCommand,
  wanted: Seats,
  shortage: Shortage,
): Verdict {
  if (!waitlist) return putOffOrRefuse(ledger, event, wanted.seats, soldOut(shortage))
  if (event.waitingUsers.has(userId)) return refuse('already_waiting')
  const tooLarge = refusalByCapacity(event, needOf(wanted))
  if (tooLarge !== undefined) return tooLarge
  // Whoever joins a line where others wait already stands behind them in any case.
  const isBehindOthers = event.kinds === null && event.waitlistLength > 0
  if (!isBehindOthers && mayFindRoom(ledger, event, wanted.seats)) return putOff(ledger, event)
  if (isLineClosed(event.settings, ledger.now)) return refuse('waitlist_closed')
  if (event.kinds?.isOneTooMany(wanted) === true) return refuse('waitlist_too_varied')
  const entry = joinLine(ledger, event, userId, wanted, metadata)
  return { kind: 'waiting', entry, position: event.waitlistLength }
}

/** Nobody could ever be served behind an entry that asks for more than can be sold. */
function refusalByCapacity(event: EventState, { seats, claim }: Need): Outcome | undefined {
  for (const [pool, wanted] of [[null, seats] as const, ...claim]) {
    const most = capacityOf(event, pool) - blockedOf(event, pool)
    if (wanted > most) return refuse('exceeds_capacity', most, { pool })
  }
  return undefined
}
