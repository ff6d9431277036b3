import { PrismaPg } from '@prisma/adapter-pg'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type pg from 'pg'
import { PrismaClient } from '../generated/prisma/client.ts'
import { createPool, createReadPool, nameStatements } from '../store/connections/pool.ts'
import { StorageDoubt } from '../store/connections/storage-doubt.ts'
import type { Config } from '../config/config.ts'

/** How a pool is used now, in connections; `waitingCount` are those who wait for one. */
export type PoolUse = Pick<pg.Pool, 'totalCount' | 'idleCount' | 'waitingCount'>

declare module 'fastify' {
  interface FastifyInstance {
    /** On the pool for commands. */
    prisma: PrismaClient
    /** On the pool for reads, whose sessions refuse to write. */
    readPrisma: PrismaClient
    /** Whether writes have failed, on the pool for commands, for want of room or of a sound disk. */
    storageDoubt: StorageDoubt
    /** The connections behind them, to be looked at. */
    pools: Readonly<Record<'commands' | 'reads', PoolUse>>
  }
}

/** Decorates the instance with the Prisma clients and closes their pools with the instance. */
export default fp<{ config: Pick<Config, 'database' | 'reads'> }>(
  (app, { config: { database, reads } }, done) => {
    const pool = createPool(database)
    const storageDoubt = new StorageDoubt()
    storageDoubt.watch(pool)
    app.decorate('storageDoubt', storageDoubt)
    // A list that may take longer than other reads must not lose its connection before that.
    const timeoutMs = Math.max(reads.timeoutMs, reads.lists.timeoutMs)
    const forReads = { poolSize: reads.poolSize, timeoutMs }
    app.decorate('prisma', connect(app, pool, database.url))
    const readPool = createReadPool(database, forReads)
    app.decorate('readPrisma', connect(app, readPool, database.url))
    app.decorate('pools', { commands: pool, reads: readPool })
    done()
  },
  { name: 'prisma' },
)

function connect(app: FastifyInstance, pool: pg.Pool, url: string): PrismaClient {
  // A connection that breaks while it lies idle is replaced at the next query: worth a line only.
  const onPoolError = (error: Error): void => {
    app.log.warn({ err: error }, 'idle connection lost')
  }
  const adapter = new PrismaPg(pool, { onPoolError, statementNameGenerator: nameStatements(url) })
  const prisma = new PrismaClient({ adapter, errorFormat: 'minimal' })
  app.addHook('onClose', async () => {
    await prisma.$disconnect()
    await pool.end()
  })
  return prisma
}
