import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config/config.ts'
import type { Booking, EventView } from '../domain/model.ts'
import { CoalescedReads, type CoalescedBounds } from '../engine/coalesced-reads.ts'
import { Lanes } from '../engine/lanes.ts'
import { Lists } from '../engine/lists.ts'
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
 * Makes a reader of the pages of a list. Its requests for one page share a read, and what that gives:
 * the query has all in it that the page turns on. Each is answered within LIST_TIMEOUT_MS.
 * @throws (the reader) EngineError `overloaded`, `database_unavailable`, …
 */
export type MakeListReader = <Q, T>(
  read: (sql: Prisma.TransactionClient, query: Q) => Promise<T>,
) => (client: Client, query: Q) => Promise<T>

declare module 'fastify' {
  interface FastifyInstance {
    reads: KeyedReads
    listReader: MakeListReader
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
    app.decorate('listReader', listReaders(app, reads))
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

function listReaders(
  app: FastifyInstance,
  { poolSize, lists: { maxWaiting, timeoutMs } }: Config['reads'],
): MakeListReader {
  // Whoever reads a single thing always finds a connection.
  const lanes = new Lanes({ lanes: Math.max(1, poolSize - KEYED_AT_ONCE), maxWaiting })
  return <Q, T>(read: (sql: Prisma.TransactionClient, query: Q) => Promise<T>) => {
    const readPage = (query: Q, timeLeftMs: number, stop: AbortSignal): Promise<T> => {
      const stopping = { timeoutMs: timeLeftMs, stop, stopper: app.prisma }
      return retryRead(() => readStoppable(app.readPrisma, (sql) => read(sql, query), stopping))
    }
    const lists = new Lists(lanes, readPage, timeoutMs)
    return async (client: Client, query: Q) => {
      const leaving = new AbortController()
      const done = onGone(client, () => {
        leaving.abort()
      })
      try {
        return await lists.read(query, leaving.signal)
      } finally {
        done()
      }
    }
  }
}
