import type { Command } from '../../src/domain/commands.ts'
import type { AskedLine } from '../../src/domain/commands/bookings.ts'
import type { EventSettings } from '../../src/domain/model.ts'
import * as commands from '../helpers/commands.ts'
import type { Random } from '../helpers/random.ts'
import { LABELS, poolsOf, setHall, TYPES } from './storm-offer.ts'

/** An event that is stormed. */
export interface StormEvent {
  readonly id: number
  readonly tenantId: string
  /** Whether it has pools, ticket types and numbered seats. */
  readonly isNumbered: boolean
}

interface Row {
  readonly id: number
  readonly event: number
}

/** What there was lately. */
export interface Known {
  readonly bookings: readonly Row[]
  readonly entries: readonly Row[]
  /** Bookings whose hold has expired. */
  readonly expired: readonly Row[]
}

const USERS = 12
const STRANGER = 'a stranger'

/** Half of what is made carries none. */
const METADATA = [{}, { seat: 'aisle' }, { seat: 'front' }]

/** One command at any of the events, or at what is known of them. */
export function randomCommand(
  random: Random,
  events: readonly StormEvent[],
  known: Known,
): Command {
  const { below } = random
  const event = pick(random, events)
  const command = commandOn(random, event, known)
  const id = 'eventId' in command ? command.eventId : event.id
  const tenantId = events.find((each) => each.id === id)?.tenantId ?? STRANGER
  const caller = below(50) === 0 ? { tenantId: STRANGER } : { tenantId }
  return commands.askedBy(`request ${below(1e9)}`, commands.asCaller(caller, command))
}

function commandOn(random: Random, event: StormEvent, known: Known): Command {
  const { below } = random
  const choice = below(26)
  const booking = known.bookings[below(known.bookings.length)]
  const entry = known.entries[below(known.entries.length)]
  const expired = known.expired[below(known.expired.length)]
  if (booking !== undefined && choice < 12) return onBooking(random, event, booking, choice)
  if (choice === 12 && entry !== undefined) return commands.leaveWaitlist(entry.event, entry.id)
  if (choice < 15 && expired !== undefined) return commands.confirm(expired.event, expired.id, true)
  if (choice === 15) return commands.settle(event.id)
  if (choice === 16) return commands.changeEvent(event.id, changeOf(random, event))
  if (choice < 20 && event.isNumbered) return onSeats(random, event)
  const waitlist = below(2) === 0
  const metadata = METADATA[below(6)]
  const options = {
    ...seatsFor(random, event, !waitlist),
    hold: below(2) === 0,
    waitlist,
    metadata,
  }
  return commands.plainReserve(event.id, `user ${below(USERS)}`, options)
}

function onBooking(random: Random, { id }: StormEvent, booking: Row, choice: number): Command {
  const { below } = random
  if (choice < 3) return commands.cancel(booking.event, booking.id)
  if (choice < 4) return commands.cancelOfUser(id, `user ${below(USERS)}`)
  if (choice < 6) return commands.confirm(booking.event, booking.id)
  if (choice < 8) return commands.extend(booking.event, booking.id)
  const metadata = METADATA[below(6)]
  if (below(4) === 0) return commands.resize(booking.event, booking.id, undefined, metadata)
  // Another event's types are refused.
  const wanted = seatsFor(random, { isNumbered: below(3) > 0 }, true)
  return { ...commands.resize(booking.event, booking.id, wanted.seats, metadata), ...wanted }
}

function changeOf({ below }: Random, { isNumbered }: StormEvent): Partial<EventSettings> {
  const totalSeats = 4 + below(8)
  if (!isNumbered || below(3) === 0) return { totalSeats }
  return { totalSeats: 6 + below(9), pools: poolsOf(4 + below(8), 1 + below(4)) }
}

function onSeats(random: Random, { id }: StormEvent): Command {
  const { below } = random
  if (below(3) === 0) return setHall(id, below(2) === 0 ? 0 : 1)
  // All that are seats in both halls; those that are not blocked stay as they are.
  if (below(2) === 0) return commands.blockSeats(id, LABELS.slice(0, 6), 'unblock_seats')
  return commands.blockSeats(id, [pick(random, LABELS.slice(0, 6))])
}

interface Asked {
  readonly seats: number
  readonly lines: readonly AskedLine[] | null
}

/** @param mayName - whether they may be named: labels can't be waited for */
function seatsFor(random: Random, event: { isNumbered: boolean }, mayName: boolean): Asked {
  const { below } = random
  if (!event.isNumbered) return { seats: 1 + below(3), lines: null }
  const kinds = Array.from({ length: 1 + below(2) }, () => lineOf(random, mayName))
  const named = kinds.flatMap(({ labels = [] }) => labels)
  // A request names each seat once.
  const lines = new Set(named).size === named.length ? kinds : kinds.slice(0, 1)
  return { seats: lines.reduce((sum, { seats }) => sum + seats, 0), lines }
}

function lineOf(random: Random, mayName: boolean): AskedLine {
  const { below } = random
  const { key: ticketType } = pick(random, TYPES)
  const seats = 1 + below(2)
  const choice = below(6)
  if (choice === 0) return { ticketType, seats }
  if (choice < 5 && mayName) return { ticketType, seats, labels: labelsFrom(random, seats) }
  return { ticketType, seats, bestAvailable: { section: null, split: below(2) === 0 } }
}

/** So many labels that follow each other. */
function labelsFrom({ below }: Random, count: number): string[] {
  const from = below(LABELS.length - count + 1)
  return LABELS.slice(from, from + count)
}

function pick<T>({ below }: Random, things: readonly T[]): T {
  const thing = things[below(things.length)]
  if (thing === undefined) throw new RangeError('there is nothing to pick from')
  return thing
}
