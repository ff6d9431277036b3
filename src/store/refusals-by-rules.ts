import { asksForSeats } from '../domain/claim.ts'
import type { ReserveCommand } from '../domain/commands/bookings.ts'
import { refusalOnSight } from '../domain/decide/reserve.ts'
import type { Refusal, Refused } from '../domain/outcomes.ts'
import type { Seating } from '../domain/seating/seating.ts'
import type { EventState } from '../domain/state.ts'
import { askedKey } from './asked.ts'
import { groupUsers } from './booked.ts'
import { bareStateOf, type StateRow } from './load-state.ts'
import { seatingAtHand } from './seatings.ts'

/** An event as a plain read finds it. Of the history nothing is read: a refusal is no fact. */
export type ReadEvent = Omit<StateRow, 'last_sequence'> & { has_expired_holds: boolean }

export interface EventsRead {
  readonly now: Date
  readonly events: readonly ReadEvent[]
  /** Positions (from 1) of the commands whose user is booked. */
  readonly booked: readonly number[]
  /** Likewise of those whose user waits, at events with pools. */
  readonly waiting: readonly number[]
}

/** They turn on the time, which is another one than that of the state, or on who has which seat. */
const UNPROVABLE: ReadonlySet<Refusal> = new Set<Refusal>([
  'sales_not_open',
  'sales_closed',
  'seats_taken',
  'seats_not_together',
])

/**
 * Whether a plain read can prove such a refusal: not where somebody waits and the event has seats, as then it
 * turns on what each of those who wait takes.
 */
export function isProvable({ refusal, details = {} }: Refused): boolean {
  const { pool = null, available = 0, waitingBefore = 0 } = details
  const hasSeats = pool !== null || available > 0
  return !UNPROVABLE.has(refusal) && !(refusal === 'sold_out' && hasSeats && waitingBefore > 0)
}

/**
 * Has the rules refuse commands on events of which they know no more than a plain read tells; by the event's
 * `askedKey`. Undefined is said where that is not enough, or where nothing is to be refused.
 */
export function refusalsByRules(
  read: EventsRead,
  commands: readonly ReserveCommand[],
): ReadonlyMap<string, (command: ReserveCommand) => Refused | undefined> {
  const bookedUsers = groupUsers(read.booked, commands)
  const waitingUsers = groupUsers(read.waiting, commands)
  return new Map(
    read.events.map((row) => {
      const key = askedKey({ id: row.id, tenantId: row.tenant_id })
      if (!isClear(row)) return [key, () => undefined]
      const users = bookedUsers.get(row.id) ?? new Set()
      const event = bareStateOf({ ...row, last_sequence: 0 }, users)
      const inLine = waitingUsers.get(row.id) ?? new Set()
      return [key, (command) => refusalOf(read.now, withoutPlace(event, command, inLine), command)]
    }),
  )
}

/**
 * Whether a batch that has the event would end no hold and serve nobody, and it is known what stands before
 * whom: where there are pools that turns on what each of those who wait takes, unless the event has no seat.
 */
function isClear(row: ReadEvent): boolean {
  const isFull = row.total_seats - row.taken - row.blocked <= 0
  return !row.has_expired_holds && (row.waiting === 0 || isFull)
}

/** The event for one who may have a place in line, which is given up where there are pools. */
function withoutPlace(
  event: EventState,
  { userId }: ReserveCommand,
  inLine: ReadonlySet<string>,
): EventState {
  if (event.kinds === null || !inLine.has(userId)) return event
  return { ...event, waitlistLength: event.waitlistLength - 1 }
}

function refusalOf(now: Date, event: EventState, command: ReserveCommand): Refused | undefined {
  const seating = seatingFor(event, command)
  if (seating === undefined) return undefined
  const refused = refusalOnSight(now, event, seating, command)
  return refused !== undefined && isProvable(refused) ? refused : undefined
}

/** Null where there is none, or the command turns on none; undefined where it would have to be read. */
function seatingFor(
  { seatingDigest: digest }: EventState,
  { lines }: ReserveCommand,
): Seating | null | undefined {
  if (digest === null || lines === null || !lines.some(asksForSeats)) return null
  return seatingAtHand(digest)
}
