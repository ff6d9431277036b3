import type pg from 'pg'
import type { ReserveCommand } from '../../../src/domain/commands/bookings.ts'
import type { Reservations } from '../../../src/engine/engine.ts'
import { checkedReserve } from './checked-reserve.ts'
import { plainEngine, type PlainOutcome } from './plain.ts'
import { openPool } from './pool.ts'

const LOCK = { name: 'lock', text: 'SELECT pg_advisory_xact_lock($1)' }

/**
 * An advisory lock on the event, then a check and an insert, in one transaction. All four statements
 * are sent at once, so that the lock is held for no round trip.
 */
export function advisoryEngine(connectionString: string): Reservations {
  const pool = openPool(connectionString)
  return plainEngine(
    async (command) => {
      const client = await pool.connect()
      try {
        return await reserve(client, command)
      } finally {
        client.release()
      }
    },
    () => pool.end(),
  )
}

async function reserve(client: pg.PoolClient, command: ReserveCommand): Promise<PlainOutcome> {
  const sent = [
    client.query('BEGIN'),
    client.query({ ...LOCK, values: [command.eventId] }),
    // A statement of its own: it must not see the tables as they were before the lock.
    checkedReserve(client, command),
    client.query('COMMIT'),
  ] as const
  // The connection is free when all four are answered, whatever fails.
  await Promise.allSettled(sent)
  const [, , outcome] = await Promise.all(sent)
  return outcome
}
