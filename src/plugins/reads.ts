import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config/config.ts'
import type { Caller } from '../domain/access.ts'
import { OWN_WORK } from '../engine/groups.ts'
import { Lanes } from '../engine/lanes.ts'
import { Lists } from '../engine/lists.ts'
import { retryRead } from '../engine/retry-read.ts'
import type { Prisma } from '../generated/prisma/client.ts'
import { onGone } from '../http/connections/gone.ts'
import { groupOf } from '../http/group-of.ts'
import { readStoppable } from '../store/reads/stoppable.ts'
import { keyedReads, KEYED_AT_ONCE, type KeyedReads } from './reads/keyed-reads.ts'

type Client = Pick<FastifyRequest, 'socket' | 'caller'>

/** Whose list it is: shared reads are told apart by their queries. */
type OfTenant = Pick<Caller, 'tenantId'>

/**
 * Makes a reader of the pages of a list. Its requests for one page share a read, and what that gives:
 * the query has all in it that the page turns on. Each is answered within LIST_TIMEOUT_MS.
 * @throws (the reader) EngineError `overloaded`, `database_unavailable`, …
 */
export type MakeListReader = <Q extends OfTenant, T>(
  read: (sql: Prisma.TransactionClient, query: Q) => Promise<T>,
) => (client: Client, query: Q) => Promise<T>

/**
 * Reads something for the service itself, within so many milliseconds. It waits for a lane as a page of
 * a list does, ahead of all pages: it takes no connection from what is read by keys.
 * @throws EngineError `overloaded`, `database_unavailable`, …
 */
export type ReadInLane = <T>(
  read: (sql: Prisma.TransactionClient) => Promise<T>,
  timeoutMs: number,
) => Promise<T>

declare module 'fastify' {
  interface FastifyInstance {
    reads: KeyedReads
    listReader: MakeListReader
    readInLane: ReadInLane
  }
}

/** Decorates the instance with the two ways by which routes read, and the one of the service itself. */
export default fp<{ config: Pick<Config, 'reads' | 'groupCommit'> }>(
  (app, { config: { reads, groupCommit } }, done) => {
    app.decorate('reads', keyedReads(app, reads, groupCommit))
    // Whoever reads a single thing always finds a connection.
    const { poolSize, lists } = reads
    const atOnce = Math.max(1, poolSize - KEYED_AT_ONCE)
    const lanes = new Lanes({ lanes: atOnce, maxWaiting: lists.maxWaiting })
    app.decorate('listReader', listReaders(app, lanes, lists.timeoutMs))
    app.decorate('readInLane', laneReader(app, lanes))
    done()
  },
  { name: 'reads', dependencies: ['prisma'] },
)

function listReaders(app: FastifyInstance, lanes: Lanes, timeoutMs: number): MakeListReader {
  return <Q extends OfTenant, T>(read: (sql: Prisma.TransactionClient, query: Q) => Promise<T>) => {
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
        return await lists.read(query, leaving.signal, groupOf(client.caller))
      } finally {
        done()
      }
    }
  }
}

function laneReader(app: FastifyInstance, lanes: Lanes): ReadInLane {
  return (read, timeoutMs) => {
    const readOnce = (_: null, timeLeftMs: number, stop: AbortSignal) =>
      readStoppable(app.readPrisma, read, { timeoutMs: timeLeftMs, stop, stopper: app.prisma })
    return new Lists(lanes, readOnce, timeoutMs).read(null, undefined, OWN_WORK)
  }
}
