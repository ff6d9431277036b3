import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import type { Test } from 'tap'
import { createPool, nameStatements } from '../../src/store/connections/pool.ts'
import { PrismaClient } from '../../src/generated/prisma/client.ts'
import type { Refusal } from '../../src/domain/outcomes.ts'
import { createReservations, type Reservations } from '../../src/engine/engine.ts'
import type { BatchObservation } from '../../src/engine/group-commit.ts'
import { testConfig } from './app.ts'
import { plainReserve } from './commands.ts'
import { refusalOf } from './outcomes.ts'
import { rewriteStatements } from './statements.ts'

export { plainReserve } from './commands.ts'

/** An engine without HTTP, whose batches can be seen. */
export interface TestEngine {
  readonly reservations: Reservations
  readonly pool: pg.Pool
  readonly prisma: PrismaClient
  /** All batches that have ended, in order. */
  readonly batches: readonly BatchObservation[]
  close(): Promise<void>
}

export interface EngineOptions {
  readonly environment?: Record<string, string>
  /** What each statement becomes on its way: takes a protection away. */
  readonly rewrite?: (sql: string) => string
}

/** Opens an engine with a Prisma client and a pool of its own, as a process has it. */
export function openEngine(
  url: string,
  { environment = {}, rewrite }: EngineOptions = {},
): TestEngine {
  const config = testConfig(url, environment)
  const pool = createPool(config.database)
  if (rewrite !== undefined) {
    pool.on('connect', (client) => {
      rewriteStatements(client, rewrite)
    })
  }
  const adapter = new PrismaPg(pool, { statementNameGenerator: nameStatements(url) })
  const prisma = new PrismaClient({ adapter })
  const batches: BatchObservation[] = []
  const reservations = createReservations(prisma, config, {
    observe: (batch) => batches.push(batch),
  })
  return {
    ...{ reservations, pool, prisma, batches },
    async close() {
      await reservations.close()
      await prisma.$disconnect()
      await pool.end()
    },
  }
}

/** An engine that the teardown closes. */
export function startEngine(t: Test, url: string, options: EngineOptions = {}): TestEngine {
  const engine = openEngine(url, options)
  t.teardown(() => engine.close())
  return engine
}

/** Reserves one seat and tells what came of it. */
export async function reservePlain(
  reservations: Reservations,
  eventId: number,
  userId: string,
): Promise<'booked' | Refusal> {
  return refusalOf(await reservations.execute(plainReserve(eventId, userId))) ?? 'booked'
}
