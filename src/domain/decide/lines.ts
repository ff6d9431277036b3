import type { AskedLine, AskedSeats } from '../commands/bookings.ts'
import { DEFAULT_TYPE, type EventSettings, type Line, type TicketType } from '../model.ts'
import { refuse, type Refused } from '../outcomes.ts'
import { salesRefusal } from '../policy.ts'

/** What somebody has, or is to have. */
export interface Seats {
  readonly seats: number
  /** Null where all are of the default type. */
  readonly lines: readonly Line[] | null
}

const THE_DEFAULT: TicketType = {
  key: DEFAULT_TYPE,
  name: '',
  pools: [],
  maxPerBooking: null,
  salesStartAt: null,
  salesEndAt: null,
}

/** The types that an event sells: the default one where its organizer has set none. */
export function typesOf({ ticketTypes }: EventSettings): readonly TicketType[] {
  return ticketTypes.length === 0 ? [THE_DEFAULT] : ticketTypes
}

/**
 * The lines that are asked for, with what they take. A type that is not sold any more may be kept by
 * who has it already; that it does not grow is for `refusalByTypes` to see.
 *
 * @param before - what the booking has that is to change; none where it is new
 */
export function resolveLines(
  settings: EventSettings,
  { seats, lines: asked }: AskedSeats,
  before?: Seats,
): Seats | Refused {
  // Nearly always: there is nothing to resolve.
  if (asked === null && settings.ticketTypes.length === 0 && (before?.lines ?? null) === null) {
    return { seats, lines: null }
  }
  const types = new Map([...oldTypesOf(before), ...typesOf(settings).map((type) => entryOf(type))])
  const wanted = asked ?? linesOf(seats, settings, before)
  if (wanted === undefined) return refuse('lines_required')
  const lines: Line[] = []
  for (const [line, { ticketType, seats: ofLine, ...numbered }] of wanted.entries()) {
    const type = types.get(ticketType)
    if (type === undefined) {
      return refuse('unknown_ticket_type', undefined, { line, key: ticketType })
    }
    lines.push({ ticketType, seats: ofLine, pools: type.pools, ...numbered })
  }
  return { seats, lines: isDefault(lines) ? null : lines }
}

/** Where a number of seats is asked for: they are of the only type, or of that of the only line. */
function linesOf(
  seats: number,
  settings: EventSettings,
  before: Seats | undefined,
): AskedLine[] | undefined {
  const [only, ...others] =
    before === undefined ? typesOf(settings).map(({ key }) => key) : keysOf(before)
  return only === undefined || others.length > 0 ? undefined : [{ ticketType: only, seats }]
}

/** None where a seat has a number: a number of seats does not tell which. */
function keysOf(booking: Seats): string[] {
  const lines = linesIn(booking)
  return lines.some(({ labels }) => labels !== undefined)
    ? []
    : lines.map(({ ticketType }) => ticketType)
}

function oldTypesOf(before: Seats | undefined): [string, TicketType][] {
  if (before === undefined) return []
  return linesIn(before).map(({ ticketType: key, pools }) =>
    entryOf({ ...THE_DEFAULT, key, pools }),
  )
}

function entryOf(type: TicketType): [string, TicketType] {
  return [type.key, type]
}

/** The lines of a booking, also where all of its seats are of the default type. */
export function linesIn({ seats, lines }: Seats): readonly Line[] {
  return lines ?? [{ ticketType: DEFAULT_TYPE, seats, pools: [] }]
}

function isDefault(lines: readonly Line[]): boolean {
  return lines.every(
    ({ ticketType, pools, labels, bestAvailable }) =>
      ticketType === DEFAULT_TYPE &&
      pools.length === 0 &&
      labels === undefined &&
      bestAvailable === undefined,
  )
}

/** What the types say against the seats: those of a type that become no more are not looked at. */
export function refusalByTypes(
  settings: EventSettings,
  wanted: Seats,
  now: Date,
  before?: Seats,
): Refused | undefined {
  // Nearly always: all of it is of the default type.
  if (settings.ticketTypes.length === 0 && wanted.lines === null) return undefined
  const had = before === undefined ? new Map<string, number>() : seatsByType(before)
  const types = typesOf(settings)
  for (const [key, seats] of seatsByType(wanted)) {
    if (seats <= (had.get(key) ?? 0)) continue
    const type = types.find((each) => each.key === key)
    const line = linesIn(wanted).findIndex(({ ticketType }) => ticketType === key)
    // Kept by who has it, but sold no longer.
    if (type === undefined) return refuse('sales_closed', undefined, { line, key })
    if (type.maxPerBooking !== null && seats > type.maxPerBooking) {
      return refuse('too_many_seats', type.maxPerBooking, { line, key })
    }
    const closed = salesRefusal(type, now)
    if (closed !== undefined) return refuse(closed, undefined, { line, key })
  }
  return undefined
}

function seatsByType(booking: Seats): Map<string, number> {
  const seats = new Map<string, number>()
  for (const line of linesIn(booking)) {
    seats.set(line.ticketType, line.seats + (seats.get(line.ticketType) ?? 0))
  }
  return seats
}
