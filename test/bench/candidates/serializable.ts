import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { ReserveCommand } from '../../../src/domain/commands/bookings.ts'
import type { Reservations } from '../../../src/engine/engine.ts'
import { checkedReserve } from './checked-reserve.ts'
import { plainEngine, type PlainOutcome } from './plain.ts'
import { hasSqlState, openPool, SERIALIZATION_FAILURE } from './pool.ts'

/** Who has lost so often is told of the failure: most of a minute at the longest pauses. */
const MAX_TRIES = 100
const FIRST_PAUSE_MS = 1
// Long enough for a crowd to thin out: of those who wait for the row, all but one fail.
const MAX_PAUSE_MS = 1000

/**
 * No lock of its own: PostgreSQL undoes what would not have come out one after the other, and it is
 * tried again after a pause. A transaction is one statement, which commits by itself.
 */
export function serializableEngine(connectionString: string): Reservations {
  const pool = openPool(connectionString, '-c default_transaction_isolation=serializable')
  return plainEngine(
    (command) => reserve(pool, command),
    () => pool.end(),
  )
}

async function reserve(pool: pg.Pool, command: ReserveCommand): Promise<PlainOutcome> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await checkedReserve(pool, command)
    } catch (error) {
      if (!hasSqlState(error, SERIALIZATION_FAILURE) || tries === MAX_TRIES) throw error
    }
    await delay(Math.random() * Math.min(FIRST_PAUSE_MS * 2 ** tries, MAX_PAUSE_MS))
  }
}
