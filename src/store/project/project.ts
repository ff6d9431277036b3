import type { BookingFact, EntryFact, EventFact, Fact } from '../../domain/facts.ts'
import { isBookingFact, isEntryFact } from '../../domain/facts.ts'
import type { RunLast } from '../last-statement.ts'
import type { Sql } from '../rows.ts'
import { append } from './append.ts'
import { restoreBookings, updateBookings } from './bookings.ts'
import { rememberBrief, removeBookings } from './ended.ts'
import { createEvents, hideEvents, writeSettings } from './events.ts'
import { storeSuccesses, type KeyedSuccess } from './keys.ts'
import { leftBy, type LeftBookings } from './left.ts'
import { lowerPools, raisePools } from './pools.ts'
import { NO_NEW_IDS, type NewIds } from './new-ids.ts'
import { blockSeats, unblockSeats, writeSeatings } from './seats.ts'
import { touchEvents } from './touch.ts'
import { insertEntries, removeEntries } from './waitlist.ts'

/** The facts of a batch, by what they are about. */
export interface FactsBySubject {
  readonly all: readonly Fact[]
  readonly bookings: readonly BookingFact[]
  /** What those come to. */
  readonly left: LeftBookings
  readonly entries: readonly EntryFact[]
  readonly events: readonly EventFact[]
}

/**
 * Turns facts into rows, and adds them to the history: the one place that writes what the rules
 * decide. What came of requests under idempotency keys is stored with it. Set-based: a statement for
 * each kind of change that there is, however many rows and events there are; and in an order in which
 * no constraint is broken on the way: seats are made before they are taken, and given back before the
 * capacity is lowered.
 *
 * Each event that has a fact gets a new version of its row, by the triggers that count or because it
 * is written itself: `lockAndLoad` tells by it whether anything has changed.
 *
 * @param runLast - given where the transaction writes nothing but these facts
 * @returns the ids that were drawn for what the facts know by numbers below zero
 */
export async function project(
  tx: Sql,
  facts: readonly Fact[],
  successes: readonly KeyedSuccess[],
  runLast: RunLast | null,
): Promise<NewIds> {
  if (facts.length === 0) {
    await storeSuccesses(tx, successes)
    return NO_NEW_IDS
  }
  const bookings = facts.filter(isBookingFact)
  const left = leftBy(bookings)
  const bySubject: FactsBySubject = {
    all: facts,
    bookings,
    left,
    entries: facts.filter(isEntryFact),
    events: facts.filter((fact) => !isBookingFact(fact) && !isEntryFact(fact)),
  }
  const events = await createEvents(tx, bySubject.events)
  await writeSettings(tx, bySubject.events, 'raise')
  await raisePools(tx, bySubject.events, events)
  await writeSeatings(tx, bySubject.events)
  await unblockSeats(tx, bySubject.events)
  await removeBookings(tx, left)
  await updateBookings(tx, left)
  await restoreBookings(tx, bookings, left)
  await blockSeats(tx, bySubject.events)
  const carrying = await removeEntries(tx, bySubject)
  const entryIds = await insertEntries(tx, bySubject)
  const bookingIds = await append(
    tx,
    carrying,
    successes,
    events,
    entryIds,
    bySubject.events.length === 0 && left.brief.length === 0 ? runLast : null,
  )
  await rememberBrief(tx, carrying.left, bookingIds)
  await touchEvents(tx, bySubject)
  await lowerPools(tx, bySubject.events)
  await writeSettings(tx, bySubject.events, 'lower')
  await hideEvents(tx, bySubject.events)
  return { eventIds: events.map(({ id }) => id), bookingIds, entryIds }
}
