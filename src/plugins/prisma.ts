import { PrismaPg } from '@prisma/adapter-pg'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type pg from 'pg'
import { PrismaClient } from '../generated/prisma/client.ts'
import { createPool, createReadPool, nameStatements } from '../store/connections/pool.ts'
import type { Config } from '../config/config.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** On the pool for commands. */
    prisma: PrismaClient
    /** On the pool for reads, whose sessions refuse to write. */
    readPrisma: PrismaClient
  }
}

/** Decorates the instance with the Prisma clients and closes their pools with the instance. */
export default fp<{ config: Pick<Config, 'database' | 'reads'> }>(
  (app, { config: { database, reads } }, done) => {
    app.decorate('prisma', connect(app, createPool(database), database.url))
    app.decorate('readPrisma', connect(app, createReadPool(database, reads), database.url))
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
