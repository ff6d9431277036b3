import { PrismaPg } from '@prisma/adapter-pg'
import fp from 'fastify-plugin'
import { PrismaClient } from '../generated/prisma/client.ts'
import { createPool, nameStatements } from '../store/connections/pool.ts'
import type { Config } from '../config/config.ts'

declare module 'fastify' {
  interface FastifyInstance {
    prisma: PrismaClient
  }
}

/** Decorates the instance with the Prisma client and closes its pool with the instance. */
export default fp<{ config: Pick<Config, 'database'> }>(
  (app, { config: { database } }, done) => {
    const pool = createPool(database)
    // A connection that breaks while it lies idle is replaced at the next query: worth a line only.
    const onPoolError = (error: Error): void => {
      app.log.warn({ err: error }, 'idle connection lost')
    }
    const adapter = new PrismaPg(pool, {
      onPoolError,
      statementNameGenerator: nameStatements(database.url),
    })
    const prisma = new PrismaClient({ adapter, errorFormat: 'minimal' })
    app.decorate('prisma', prisma)
    app.addHook('onClose', async () => {
      await prisma.$disconnect()
      await pool.end()
    })
    done()
  },
  { name: 'prisma' },
)
