import type { Sql } from './rows.ts'

/** Sets how long the transaction waits for a lock; without it, it is as long as the session has. */
export async function allowLockWait(tx: Sql, lockTimeoutMs: number): Promise<void> {
  await tx.$queryRaw`SELECT set_config('lock_timeout', ${String(lockTimeoutMs)}, true)`
}

/** Which of the given events exist, locked or not. */
export async function existingEvents(tx: Sql, eventIds: readonly number[]): Promise<Set<number>> {
  if (eventIds.length === 0) return new Set()
  const rows = await tx.$queryRaw<{ id: number }[]>`
    SELECT id FROM events WHERE id = ANY(${eventIds}::int[])`
  return new Set(rows.map(({ id }) => id))
}
