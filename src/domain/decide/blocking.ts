import type { BlockSeatsCommand } from '../commands/seating.ts'
import { DONE, refuse, type Outcome } from '../outcomes.ts'
import { freeSeatsOf, freeSeatsOfPool } from '../capacity.ts'
import type { EventState } from '../state.ts'
import type { Ledger } from './ledger.ts'
import { obstacleToBlocking } from './pools.ts'
import { serveWaitlist } from './serve.ts'
import { LATER, type Verdict } from './verdict.ts'

/** Takes seats from sale that nobody has, all or none; those that are blocked already stay so. */
export function blockSeats(
  ledger: Ledger,
  event: EventState,
  { labels }: BlockSeatsCommand,
): Verdict {
  const { occupancy } = event
  const refused = refusalOfUnknown(event, labels)
  if (occupancy === null || refused !== undefined) return refused ?? refuseWithoutSeating()
  const { seating } = occupancy
  const added = [...new Set(labels)].filter((label) => !event.blocked.has(label))
  const labelsTaken = added.filter((label) => !occupancy.isFree(seating.seatAt(label) ?? -1))
  if (labelsTaken.length > 0) {
    if (event.remainder.hasMoreExpired) return LATER
    return refuse('seats_taken', undefined, { labelsTaken })
  }
  const byPool = groupByPool(added, (label) => {
    return seating.sectionOf(seating.seatAt(label) ?? -1).pool
  })
  const shortage = shortageFor(event, added.length, byPool)
  if (shortage !== undefined) return event.remainder.hasMoreExpired ? LATER : shortage
  const obstacle = obstacleTo(event, added.length, byPool)
  if (obstacle !== undefined) return obstacle
  recordByPool(ledger, event, 'seats_blocked', byPool)
  return DONE
}

/** Gives blocked seats back to sale; those that are not blocked stay as they are. */
export function unblockSeats(
  ledger: Ledger,
  event: EventState,
  { labels }: BlockSeatsCommand,
): Outcome {
  const blocked = [...new Set(labels)].filter((label) => event.blocked.has(label))
  const others = labels.filter((label) => !event.blocked.has(label))
  const refused = refusalOfUnknown(event, others)
  if (refused !== undefined) return refused
  const byPool = groupByPool(blocked, (label) => event.blocked.get(label) ?? null)
  recordByPool(ledger, event, 'seats_unblocked', byPool)
  serveWaitlist(ledger, event)
  return DONE
}

function refuseWithoutSeating(): Outcome {
  return refuse('labels_invalid', undefined, { flaw: 'no_seating' })
}

function refusalOfUnknown(
  { occupancy }: EventState,
  labels: readonly string[],
): Outcome | undefined {
  if (labels.length === 0) return undefined
  if (occupancy === null) return refuseWithoutSeating()
  const unknown = labels.filter((label) => occupancy.seating.seatAt(label) === undefined)
  if (unknown.length === 0) return undefined
  return refuse('labels_invalid', undefined, { flaw: 'labels_unknown', labels: unknown })
}

type ByPool = ReadonlyMap<string | null, readonly string[]>

function groupByPool(labels: readonly string[], poolOf: (label: string) => string | null): ByPool {
  const groups = new Map<string | null, string[]>()
  for (const label of labels) {
    const pool = poolOf(label)
    const group = groups.get(pool)
    if (group === undefined) groups.set(pool, [label])
    else group.push(label)
  }
  return groups
}

/** Where bookings have taken seats without numbers, fewer may be left than there are free numbers. */
function shortageFor(event: EventState, count: number, byPool: ByPool): Outcome | undefined {
  const { waitlistLength: waitingBefore } = event
  const ofEvent = freeSeatsOf(event)
  if (count > ofEvent) {
    return refuse('sold_out', undefined, { pool: null, available: ofEvent, waitingBefore })
  }
  for (const [pool, { length }] of byPool) {
    if (pool === null) continue
    const available = freeSeatsOfPool(event, pool)
    if (length <= available) continue
    const waitingForPool = (event.kinds?.mostOf(pool) ?? 0) > 0 ? waitingBefore : 0
    return refuse('sold_out', undefined, { pool, available, waitingBefore: waitingForPool })
  }
  return undefined
}

/** Who waits has to find as many seats one day, of the event and of each pool. */
function obstacleTo(event: EventState, count: number, byPool: ByPool): Verdict | undefined {
  if (count === 0) return undefined
  const pools = [...byPool].map(([pool, { length }]) => [pool, length] as const)
  for (const [pool, more] of [[null, count] as const, ...pools.filter(([pool]) => pool !== null)]) {
    const obstacle = obstacleToBlocking(event, pool, more)
    if (obstacle !== undefined) return obstacle
  }
  return undefined
}

function recordByPool(
  ledger: Ledger,
  event: EventState,
  type: 'seats_blocked' | 'seats_unblocked',
  byPool: ByPool,
): void {
  const { totalSeats } = event.settings
  const seats = { seatsBefore: totalSeats, seatsAfter: totalSeats }
  for (const [pool, labels] of byPool) {
    ledger.record(event, { type, labels, pool, ...seats })
  }
}
