import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config/config.ts'
import type { Booking, EventView } from '../domain/model.ts'
import { CoalescedReads, type CoalescedBounds } from '../engine/coalesced-reads.ts'
import { Lists, type ListOptions } from '../engine/lists.ts'
import type { Load } from '../engine/load-apart.ts'
import { retryRead } from '../engine/retry-read.ts'
import { Semaphore } from '../engine/semaphore.ts'
import type { Prisma } from '../generated/prisma/client.ts'
import { onGone } from '../http/connections/gone.ts'
import { loadSuccesses, type StoredSuccess } from '../store/idempotency.ts'
import { findEventsOfBookings, findExpiredHolds, readBookings } from '../store/reads/bookings.ts'
import { readEvents } from '../store/reads/events.ts'
import { readStoppable } from '../store/reads/stoppable.ts'
import {
  findEntries,
  findEventsOfEntries,
  readEntries,
  type PlacedEntry,
} from '../store/reads/waitlist.ts'
import type { Sql } from '../store/rows.ts'

type Client = Pick<FastifyRequest, 'socket'>

/**
 * Reads something by its key, for a request whose client may go away meanwhile; null where there is
 * nothing.
 * @throws EngineError `overloaded`, `database_unavailable`, …
 */
export type ReadByKey<K, V> = (client: Client, key: K) => Promise<V | null>

/** What is read by its key, on connections that no list can take. */
export interface KeyedReads {
  readonly event: ReadByKey<number, EventView>
  readonly booking: ReadByKey<number, Booking>
  readonly entry: ReadByKey<number, PlacedEntry>
  /** The id of a user's waitlist entry for an event, by its `entryKey`. */
  readonly entryOf: ReadByKey<string, number>
  /** The event whose lock decides on a booking, or on a waitlist entry. */
  readonly eventOfBooking: ReadByKey<number, number>
  readonly eventOfEntry: ReadByKey<number, number>
  /** True where a booking is gone because its hold had expired. */
  readonly hasHoldExpired: ReadByKey<number, true>
  /** What was committed under an idempotency key. */
  readonly storedUnder: ReadByKey<string, StoredSuccess>
}

/**
 * Reads a page of a list, in a lane for lists, within LIST_TIMEOUT_MS.
 * @throws EngineError `overloaded`, `database_unavailable`, …
 */
export type ReadList = <T>(
  client: Client,
  work: (sql: Prisma.TransactionClient) => Promise<T>,
  options?: Pick<ListOptions, 'isSearch'>,
) => Promise<T>

declare module 'fastify' {
  interface FastifyInstance {
    reads: KeyedReads
    list: ReadList
  }
}

/**
 * Statements for single things that are at the database at once: one for events, one for bookings and
 * one for waitlist entries.
 */
const KEYED_AT_ONCE = 3

/** Keys that one statement reads: more make it long, and save little. */
const MAX_KEYS = 500

/** Decorates the instance with the two ways by which routes read. */
export default fp<{ config: Pick<Config, 'reads' | 'groupCommit'> }>(
  (app, { config: { reads, groupCommit } }, done) => {
    app.decorate('reads', keyedReads(app, reads, groupCommit))
    app.decorate('list', listReads(app, reads))
    done()
  },
  { name: 'reads', dependencies: ['prisma'] },
)

function keyedReads(
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
  const entriesOneByOne = new Semaphore(1)
  const lookUp = <K, V>(load: (sql: Sql, keys: readonly K[]) => ReturnType<Load<K, V>>) =>
    readerOf<K, V>((keys) => load(prisma, keys), lookedUp, oneByOne)
  return {
    event: readerOf((ids) => readEvents(readPrisma, ids), shown),
    booking: readerOf((ids) => readBookings(readPrisma, ids), shown),
    entry: readerOf((ids) => readEntries(readPrisma, ids), shown, entriesOneByOne),
    entryOf: readerOf((keys) => findEntries(readPrisma, keys), shown, entriesOneByOne),
    eventOfBooking: lookUp(findEventsOfBookings),
    eventOfEntry: lookUp(findEventsOfEntries),
    hasHoldExpired: lookUp(findExpiredHolds),
    storedUnder: lookUp(loadSuccesses),
  }
}

function readerOf<K, V>(
  load: Load<K, V>,
  bounds: CoalescedBounds,
  semaphore?: Semaphore,
): ReadByKey<K, V> {
  const reads = new CoalescedReads(load, bounds, semaphore)
  return ({ socket }, key) => reads.read(key, () => socket.destroyed)
}

function listReads(app: FastifyInstance, { poolSize, lists }: Config['reads']): ReadList {
  // Whoever reads a single thing always finds a connection.
  const lanes = Math.max(1, poolSize - KEYED_AT_ONCE)
  const searchLanes = Math.max(1, Math.floor(lanes / 2))
  const inLanes = new Lists({ lanes, searchLanes, ...lists })
  return async (client, work, options) => {
    const leaving = new AbortController()
    const done = onGone(client, () => {
      leaving.abort()
    })
    try {
      return await inLanes.run(
        (timeoutMs, stop) => {
          const stopping = { timeoutMs, stop, stopper: app.prisma }
          return retryRead(() => readStoppable(app.readPrisma, work, stopping))
        },
        { ...options, gone: leaving.signal },
      )
    } finally {
      done()
    }
  }
}
