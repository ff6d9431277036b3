import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config/config.ts'
import { Reads } from '../engine/reads.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** Reads for a request, which is not read for any more once its client has gone. */
export type Read = <T>(
  request: Pick<FastifyRequest, 'socket'>,
  work: (prisma: PrismaClient) => Promise<T>,
) => Promise<T>

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Runs what a request wants to see, on the pool for reads, within READ_TIMEOUT_MS.
     * @throws EngineError `overloaded`, `database_unavailable`, …
     */
    read: Read
    /**
     * Runs the short look-up that a command begins with, on the pool for commands: reads, however
     * many and slow, do not hold it up.
     * @throws EngineError `overloaded`, `database_unavailable`, …
     */
    lookUp: Read
  }
}

/** Look-ups that are at the database at once: they must leave the batches their connections. */
const LOOK_UPS_AT_ONCE = 1

/** Decorates the instance with the two ways by which routes read. */
export default fp<{ config: Pick<Config, 'reads' | 'groupCommit'> }>(
  (app, { config: { reads: bounds, groupCommit } }, done) => {
    const reads = new Reads({ ...bounds, maxAtWork: bounds.poolSize })
    const lookUps = new Reads({
      maxAtWork: LOOK_UPS_AT_ONCE,
      // A command that looks something up waits like any other.
      maxWaiting: groupCommit.maxQueueLength,
      timeoutMs: groupCommit.commandTimeoutMs,
    })
    app.decorate('read', ({ socket }, work) =>
      reads.run(
        () => work(app.readPrisma),
        () => socket.destroyed,
      ),
    )
    app.decorate('lookUp', ({ socket }, work) =>
      lookUps.run(
        () => work(app.prisma),
        () => socket.destroyed,
      ),
    )
    done()
  },
  { name: 'reads', dependencies: ['prisma'] },
)
