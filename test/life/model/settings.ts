import { blockedOf, capacityOf, freeOf, mostWaitedFor, takenOf } from './room.ts'
import { poolOf, rowsOf } from './hall.ts'
import { takenLabels } from './seats.ts'
import { serve } from './serve.ts'
import { refused, type EventShown, type ModelOutcome, type ModelRefused } from './outcomes.ts'
import type { CommandOf, ModelEvent, Settings } from './types.ts'

export function changeEvent(
  event: ModelEvent,
  { changes, isExpected }: CommandOf<'change_event'>,
): ModelOutcome {
  if (!isExpected) return refused('event_changed')
  const changed = { ...event.settings, ...changes }
  if (event.settings.status === 'cancelled' && changed.status !== 'cancelled') {
    return refused('event_cancelled')
  }
  const refusal = unknownPool(event, changed) ?? lessThanTaken(event, changed)
  if (refusal !== undefined) return refusal
  event.settings = changed
  serve(event)
  const told = { event: show(event) }
  // What a cancelled event has ends with the next command, which nobody here waits for.
  if (changed.status === 'cancelled') event.bookings = event.line = []
  return told
}

function show(event: ModelEvent): EventShown {
  const { settings, bookings, line, blocked } = event
  const seatsOf = (status: string): number =>
    bookings.filter((each) => each.status === status).reduce((sum, { seats }) => sum + seats, 0)
  return {
    total: settings.totalSeats,
    booked: seatsOf('confirmed'),
    held: seatsOf('held'),
    waiting: line.length,
    blocked: blocked.length,
    pools: Object.fromEntries(settings.pools.map(({ key }) => [key, freeOf(event, key)])),
  }
}

/** A type, or a section, that names a pool which is not there. */
function unknownPool(event: ModelEvent, { pools, types }: Settings): ModelRefused | undefined {
  const isThere = (pool: string | null): boolean =>
    pool === null || pools.some(({ key }) => key === pool)
  for (const [i, { key, pools: ofType }] of types.entries()) {
    const place = ofType.findIndex((each) => !isThere(each))
    const path = `ticket_types.${i}.pools.${place}`
    if (place >= 0) return refused('unknown_pool', undefined, { key, pool: ofType[place], path })
  }
  const row = rowsOf(event).find(({ pool }) => !isThere(pool))
  if (row === undefined) return undefined
  return refused('unknown_pool', undefined, { key: row.section, pool: row.pool })
}

/** A capacity that would be below what is taken of a pool, or what somebody waits for. */
function lessThanTaken(event: ModelEvent, changed: Settings): ModelRefused | undefined {
  const { settings, line } = event
  const capacityIn = ({ totalSeats, pools }: Settings, pool: string | null): number =>
    pool === null ? totalSeats : (pools.find(({ key }) => key === pool)?.capacity ?? 0)
  for (const pool of [null, ...settings.pools.map(({ key }) => key)]) {
    const [before, after] = [capacityIn(settings, pool), capacityIn(changed, pool)]
    const taken = takenOf(event, pool)
    if (after < taken) return refused('capacity_below_taken', taken, { pool })
    const [largest, blocked] = [mostWaitedFor(line, pool), blockedOf(event, pool)]
    if (after < before && after - blocked < largest && settings.status !== 'cancelled') {
      const details = { pool, ...(blocked > 0 && { blocked }) }
      return refused('capacity_below_waiting', largest + blocked, details)
    }
  }
  return undefined
}

export function deleteEvent(
  event: ModelEvent,
  { force, isExpected }: CommandOf<'delete_event'>,
): ModelOutcome {
  if (!isExpected) return refused('event_changed')
  if (event.bookings.length > 0 && !force) return refused('event_has_bookings')
  event.isDeleted = true
  event.bookings = []
  event.line = []
  return 'done'
}

/** Only seats that somebody has, or that are blocked, have to stay. */
export function setSeating(event: ModelEvent, { seating }: CommandOf<'set_seating'>): ModelOutcome {
  const renumbered = { ...event, seating }
  const refusal = unknownPool(renumbered, { ...event.settings, types: [] })
  if (refusal !== undefined) return refusal
  const all = rowsOf(event).flatMap(({ labels }) => labels)
  const taken = takenLabels(event)
  const labelsTaken = all.filter(
    (label) => taken.includes(label) && poolOf(renumbered, label) === undefined,
  )
  if (labelsTaken.length > 0) return refused('seats_taken', labelsTaken.length, { labelsTaken })
  event.seating = seating
  return 'seating'
}

export function blockSeats(
  event: ModelEvent,
  { type, labels }: CommandOf<'block_seats' | 'unblock_seats'>,
): ModelOutcome {
  const isBlocked = (label: string): boolean => event.blocked.some((seat) => seat.label === label)
  if (type === 'unblock_seats') {
    const refusal = unknownLabels(
      event,
      labels.filter((label) => !isBlocked(label)),
    )
    if (refusal !== undefined) return refusal
    event.blocked = event.blocked.filter(({ label }) => !labels.includes(label))
    serve(event)
    return 'done'
  }
  const refusal = unknownLabels(event, labels)
  if (refusal !== undefined) return refusal
  const added = [...new Set(labels)].filter((label) => !isBlocked(label))
  const labelsTaken = added.filter((label) => takenLabels(event).includes(label))
  if (labelsTaken.length > 0) return refused('seats_taken', undefined, { labelsTaken })
  const seats = added.map((label) => ({ label, pool: poolOf(event, label) ?? null }))
  const obstacle = shortageFor(event, seats) ?? lessThanWaitedFor(event, seats)
  if (obstacle !== undefined) return obstacle
  event.blocked = [...event.blocked, ...seats]
  return 'done'
}

function unknownLabels(event: ModelEvent, labels: readonly string[]): ModelRefused | undefined {
  if (labels.length === 0) return undefined
  if (event.seating === null) return refused('labels_invalid', undefined, { flaw: 'no_seating' })
  const unknown = labels.filter((label) => poolOf(event, label) === undefined)
  if (unknown.length === 0) return undefined
  return refused('labels_invalid', undefined, { flaw: 'labels_unknown', labels: unknown })
}

/** Seats may be taken without numbers, so that fewer are left than there are free numbers. */
function shortageFor(event: ModelEvent, seats: ModelEvent['blocked']): ModelRefused | undefined {
  for (const pool of new Set([null, ...seats.map((seat) => seat.pool)])) {
    const wanted = seats.filter((seat) => pool === null || seat.pool === pool).length
    const available = freeOf(event, pool)
    if (wanted > available) {
      const isWaitedFor = mostWaitedFor(event.line, pool) > 0
      const waitingBefore = isWaitedFor ? event.line.length : 0
      return refused('sold_out', undefined, { pool, available, waitingBefore })
    }
  }
  return undefined
}

/** Who waits has to find as many seats one day. */
function lessThanWaitedFor(
  event: ModelEvent,
  seats: ModelEvent['blocked'],
): ModelRefused | undefined {
  if (seats.length === 0 || event.settings.status === 'cancelled') return undefined
  for (const pool of new Set([null, ...seats.map((seat) => seat.pool)])) {
    const added = seats.filter((seat) => pool === null || seat.pool === pool).length
    const waitedFor = mostWaitedFor(event.line, pool)
    const most = capacityOf(event, pool) - waitedFor
    if (blockedOf(event, pool) + added > most) {
      return refused('capacity_below_waiting', most, { pool, waitedFor })
    }
  }
  return undefined
}
