import type { Test } from 'tap'
import { createTestApp } from './app.ts'
import { createTestDatabase } from './database.ts'
import { startProxy } from './proxy.ts'
import { createEvent } from './race.ts'
import { reserve, settle } from './storm.ts'

/** The longest that a command may wait, in milliseconds. */
export const COMMAND_TIMEOUT_MS = 1500

const BOUNDS = {
  DATABASE_CONNECT_TIMEOUT_MS: '400',
  TRANSACTION_MAX_WAIT_MS: '400',
  TRANSACTION_TIMEOUT_MS: '600',
  LOCK_TIMEOUT_MS: '300',
  COMMAND_TIMEOUT_MS: String(COMMAND_TIMEOUT_MS),
  // One lane: where it does not survive, nothing works any more.
  LANES: '1',
  SWEEP_INTERVAL_MS: '1000',
}

/** A service with narrow bounds that is at work, and can be cut off from its database. */
export async function createCutOff(t: Test) {
  const database = await createTestDatabase(t)
  const proxy = await startProxy(t, database.url)
  const app = await createTestApp(t, {
    database: { ...database, url: proxy.url },
    environment: BOUNDS,
  })
  const eventId = await createEvent(database.pool, 100)
  // Under such bounds the first transaction may be too slow, on a machine with much else to do.
  const first = await reserve(app, { eventId, userId: 'first' })
  await settle(app, [first])
  return { pool: database.pool, proxy, app, eventId }
}

export type CutOff = Awaited<ReturnType<typeof createCutOff>>
