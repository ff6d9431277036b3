import { Prisma } from '../generated/prisma/client.ts'
import { idsAsked, isAskedFor, type Asked } from './asked.ts'
import type { Sql } from './rows.ts'

/**
 * A condition, always true, by which the statement that it stands in sets how long the transaction
 * waits for a lock, its own ones among them: a sub-select that turns on no row is computed before the
 * first row is read. Past that time a statement fails with SQLSTATE 55P03.
 */
export function allowsWait(lockTimeoutMs: number): Prisma.Sql {
  return Prisma.sql`(SELECT set_config('lock_timeout', ${String(lockTimeoutMs)}, true)) IS NOT NULL`
}

/**
 * Locks events until the transaction ends, in the order of their ids, and waits for others who hold
 * them locked, each for so long. Gives those that are there.
 */
export async function waitForLocks(
  tx: Sql,
  asked: readonly Asked[],
  lockTimeoutMs: number,
): Promise<Asked[]> {
  return tx.$queryRaw<Asked[]>`
    SELECT id, tenant_id AS "tenantId" FROM events
    WHERE ${allowsWait(lockTimeoutMs)}
      AND id = ANY (ARRAY(SELECT unnest((SELECT ${idsAsked(asked)}::text::int[]))))
      AND ${isAskedFor(asked)} AND deleted_at IS NULL
    ORDER BY id FOR UPDATE`
}
