import { Prisma } from '../../generated/prisma/client.ts'
import type { Success } from '../../domain/outcomes.ts'
import type { IdempotentRequest } from '../idempotency.ts'
import type { Sql } from '../rows.ts'
import { storedFormOf } from '../stored-success.ts'
import { NO_NEW_IDS, withRealIds, type NewIds } from './new-ids.ts'

/** What came of a request under an idempotency key. What is new in it has an id below zero. */
export interface KeyedSuccess extends IdempotentRequest {
  readonly success: Success
}

/** Ids that are known before the statement that draws those of bookings. */
type KnownIds = Pick<NewIds, 'eventIds' | 'entryIds'>

/**
 * The statement that stores them, for a place where `drawn` has the ids of new bookings. It fails
 * where another transaction has stored one of the keys (see `classifyFailure`), and waits for one
 * that is about to. Rows go in the order of their keys: two transactions that share several cannot
 * deadlock.
 */
export function insertOfKeys(successes: readonly KeyedSuccess[], ids: KnownIds): Prisma.Sql {
  const rows = successes
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map((each) => rowOf(each, ids))
  return Prisma.sql`
    INSERT INTO idempotency_keys (key, fingerprint, response)
    SELECT key, fingerprint, CASE WHEN place IS NULL THEN response
      ELSE (left(response::text, -1) || ',' || (SELECT ids FROM drawn)[place] || ']')::json END
    FROM json_to_recordset(${JSON.stringify(rows)}::json)
      AS k(key text, fingerprint text, response json, place int)`
}

/** `place` says where the id that is missing stands among those that are drawn, from 1. */
function rowOf({ key, fingerprint, success }: KeyedSuccess, ids: KnownIds): object {
  if (success.kind === 'booking' && success.booking.id < 0) {
    const response = storedFormOf(success).slice(0, -1)
    return { key, fingerprint, response, place: -success.booking.id }
  }
  const response = storedFormOf(withRealIds(success, { ...ids, bookingIds: [] }))
  return { key, fingerprint, response }
}

/** Stores what came of requests that have changed nothing. */
export async function storeSuccesses(tx: Sql, successes: readonly KeyedSuccess[]): Promise<void> {
  if (successes.length === 0) return
  await tx.$executeRaw`
    WITH drawn AS (SELECT '{}'::bigint[] AS ids) ${insertOfKeys(successes, NO_NEW_IDS)}`
}
