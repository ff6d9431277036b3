import fp from 'fastify-plugin'
import type { Config } from '../config/config.ts'
import { SpareConnections } from '../engine/spare-connections.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Runs what is no command on a connection that the pipeline does not need.
     * @throws ServiceError `overloaded`, `database_unavailable`, …
     */
    onDatabase: <T>(work: (prisma: PrismaClient) => Promise<T>) => Promise<T>
    /**
     * The same for the short look-up that a command begins with: reads, however slow, do not hold
     * it up.
     * @throws ServiceError `overloaded`, `database_unavailable`, …
     */
    lookUp: <T>(work: (prisma: PrismaClient) => Promise<T>) => Promise<T>
  }
}

// The screen of refusals has a connection, the sweeper, and the look-ups.
const CONNECTIONS_BESIDE = 3

/** Decorates the instance with the way by which routes read. */
export default fp<{ config: Pick<Config, 'database' | 'groupCommit'> }>(
  (app, { config: { database, groupCommit } }, done) => {
    const taken = groupCommit.lanes + groupCommit.lockWaiters + CONNECTIONS_BESIDE
    const spare = new SpareConnections(Math.max(1, database.poolSize - taken))
    const lookUps = new SpareConnections(1)
    app.decorate('onDatabase', (work) => spare.run(() => work(app.prisma)))
    app.decorate('lookUp', (work) => lookUps.run(() => work(app.prisma)))
    done()
  },
  { name: 'queries', dependencies: ['prisma'] },
)
