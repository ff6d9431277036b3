import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { createPool, nameStatements, type PoolConfig } from './pool.ts'

/** A client on one connection of its own, for what is done once. */
export function openClient(config: PoolConfig): {
  readonly prisma: PrismaClient
  readonly close: () => Promise<void>
} {
  const pool = createPool({ ...config, poolSize: 1 })
  const adapter = new PrismaPg(pool, { statementNameGenerator: nameStatements(config.url) })
  const prisma = new PrismaClient({ adapter, errorFormat: 'minimal' })
  return {
    prisma,
    close: async () => {
      await prisma.$disconnect()
      await pool.end()
    },
  }
}
