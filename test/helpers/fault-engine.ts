import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import type { Test } from 'tap'
import { createPool } from '../../src/store/connections/pool.ts'
import { PrismaClient } from '../../src/generated/prisma/client.ts'
import { createReservations, type Reservations } from '../../src/engine/engine.ts'
import type { BatchObservation } from '../../src/engine/group-commit.ts'
import { testConfig } from './app.ts'

/** The engine without HTTP, whose batches can be seen. */
export interface TestEngine {
  readonly pool: pg.Pool
  readonly prisma: PrismaClient
  readonly reservations: Reservations
  readonly batches: BatchObservation[]
}

/**
 * Starts the engine as the service has it; the teardown ends it.
 *
 * @param rewrite - what each statement becomes on its way: takes a protection away
 */
export function startEngine(
  t: Test,
  url: string,
  environment: Record<string, string> = {},
  rewrite?: (sql: string) => string,
): TestEngine {
  const config = testConfig(url, environment)
  const pool = createPool(config.database)
  if (rewrite !== undefined) {
    pool.on('connect', (client) => {
      rewriteStatements(client, rewrite)
    })
  }
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) })
  const batches: BatchObservation[] = []
  const reservations = createReservations(prisma, config, (batch) => batches.push(batch))
  t.teardown(async () => {
    await reservations.close()
    await prisma.$disconnect()
    await pool.end()
  })
  return { pool, prisma, reservations, batches }
}

function rewriteStatements(client: pg.PoolClient, rewrite: (sql: string) => string): void {
  const query: unknown = Reflect.get(client, 'query')
  if (typeof query !== 'function') throw new TypeError('pg has changed')
  Reflect.set(client, 'query', (config: { text?: string }, ...rest: unknown[]): unknown => {
    const { text } = config
    const rewritten = text === undefined ? config : { ...config, text: rewrite(text) }
    const result: unknown = Reflect.apply(query, client, [rewritten, ...rest])
    return result
  })
}
