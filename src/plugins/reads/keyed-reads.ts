import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from '../../config/config.ts'
import type { Booking, EventView } from '../../domain/model.ts'
import { CoalescedReads, type CoalescedBounds } from '../../engine/coalesced-reads.ts'
import type { Load } from '../../engine/load-apart.ts'
import { Semaphore } from '../../engine/semaphore.ts'
import { groupOf } from '../../http/group-of.ts'
import { askedKey, askedOf, type Asked } from '../../store/asked.ts'
import { loadSuccesses, type StoredSuccess } from '../../store/idempotency.ts'
import {
  findEventsOfBookings,
  findExpiredHolds,
  readBookings,
  type Belonging,
  type ExpiredHold,
} from '../../store/reads/bookings.ts'
import { readEndedBookings, type Ended } from '../../store/reads/ended-bookings.ts'
import { readEvents } from '../../store/reads/events.ts'
import {
  entryKey,
  findEntries,
  findEventsOfEntries,
  readEntries,
  type PlacedEntry,
} from '../../store/reads/waitlist.ts'
import type { Sql } from '../../store/rows.ts'

/**
 * Reads something by its key, for a request whose client may go away meanwhile; null where there is
 * nothing.
 * @throws EngineError `overloaded`, `database_unavailable`, …
 */
type ReadByKey<V> = (request: Asker, key: string) => Promise<V | null>

type Asker = Pick<FastifyRequest, 'socket' | 'caller'>

/** Likewise, something of the caller's tenant: what is another's is not there. */
export type ReadOwn<V, Id = number> = (request: Asker, id: Id) => Promise<V | null>

/** What is read by its key, on connections that no list can take. */
export interface KeyedReads {
  readonly event: ReadOwn<EventView>
  readonly booking: ReadOwn<Booking>
  readonly endedBooking: ReadOwn<Ended>
  readonly entry: ReadOwn<PlacedEntry>
  /** The id of a user's waitlist entry for an event. */
  readonly entryOf: ReadOwn<number, Belonging>
  /** The event whose lock decides on a booking, or on a waitlist entry, and the user whose it is. */
  readonly eventOfBooking: ReadOwn<Belonging>
  readonly eventOfEntry: ReadOwn<Belonging>
  /** What a booking belonged to that is gone because its hold had expired. */
  readonly expiredHold: ReadOwn<ExpiredHold>
  /** What was committed under an idempotency key, as `keyWithin` of domain/access.ts has it. */
  readonly storedUnder: ReadByKey<StoredSuccess>
}

/**
 * Statements for single things that are at the database at once: one for events, one for bookings and
 * one for waitlist entries.
 */
export const KEYED_AT_ONCE = 3

/** Keys that one statement reads: more make it long, and save little. */
const MAX_KEYS = 500

export function keyedReads(
  { prisma, readPrisma }: FastifyInstance,
  { maxWaiting, timeoutMs }: Config['reads'],
  { maxQueueLength, commandTimeoutMs }: Config['groupCommit'],
): KeyedReads {
  const shown = { maxKeys: MAX_KEYS, maxWaiting, timeoutMs }
  // A command that looks something up waits like any other.
  const lookedUp = {
    maxKeys: MAX_KEYS,
    maxWaiting: maxQueueLength,
    timeoutMs: commandTimeoutMs,
  }
  // On the pool for commands, as no list holds them up there; and one at a time, as the batches need
  // the connections.
  const oneByOne = new Semaphore(1)
  const bookingsOneByOne = new Semaphore(1)
  const entriesOneByOne = new Semaphore(1)
  const show = <V>(read: ReadAsked<V>, semaphore?: Semaphore) =>
    ownReaderOf((asked) => read(readPrisma, asked), shown, semaphore)
  const lookUp = <V>(read: ReadAsked<V>) =>
    ownReaderOf((asked) => read(prisma, asked), lookedUp, oneByOne)
  const findEntry = readerOf((keys) => findEntries(readPrisma, keys), shown, entriesOneByOne)
  return {
    event: show(readEvents),
    booking: show(readBookings, bookingsOneByOne),
    endedBooking: show(readEndedBookings, bookingsOneByOne),
    entry: show(readEntries, entriesOneByOne),
    entryOf: (request, { eventId, userId }) =>
      findEntry(request, entryKey({ eventId, userId, tenantId: request.caller.tenantId })),
    eventOfBooking: lookUp(findEventsOfBookings),
    eventOfEntry: lookUp(findEventsOfEntries),
    expiredHold: lookUp(findExpiredHolds),
    storedUnder: readerOf((keys) => loadSuccesses(prisma, keys), lookedUp, oneByOne),
  }
}

type ReadAsked<V> = (sql: Sql, asked: readonly Asked[]) => Promise<ReadonlyMap<string, V>>

function ownReaderOf<V>(
  load: (asked: readonly Asked[]) => ReturnType<Load<string, V>>,
  bounds: CoalescedBounds,
  semaphore?: Semaphore,
): ReadOwn<V> {
  const read = readerOf((keys) => load(keys.map(askedOf)), bounds, semaphore)
  return (request, id) => read(request, askedKey({ id, tenantId: request.caller.tenantId }))
}

function readerOf<V>(
  load: Load<string, V>,
  bounds: CoalescedBounds,
  semaphore?: Semaphore,
): ReadByKey<V> {
  const reads = new CoalescedReads(load, bounds, semaphore)
  return ({ socket, caller }, key) => reads.read(key, () => socket.destroyed, groupOf(caller))
}
