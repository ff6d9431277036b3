import type pg from 'pg'

/** What a session is set to, where it is ours alone. */
export interface SessionSettings {
  readonly statementTimeoutMs: number
  readonly lockTimeoutMs: number
  readonly isReadOnly: boolean
}

/**
 * Whether the database is reached through PgBouncer (Prisma's convention: `?pgbouncer=true`).
 * There, in transaction mode, what is set for a session reaches the sessions of others.
 */
export function isThroughPgBouncer(url: string): boolean {
  return new URL(url).searchParams.get('pgbouncer') === 'true'
}

/** Sets a new session up, in one round trip. */
export async function prepareSession(
  client: pg.ClientBase,
  url: string,
  { statementTimeoutMs, lockTimeoutMs, isReadOnly }: SessionSettings,
): Promise<void> {
  // Prisma's adapter takes the session's local time for UTC. PgBouncer hands this setting on.
  const settings = [`SET TIME ZONE 'UTC'`]
  if (!isThroughPgBouncer(url)) {
    settings.push(
      `SET lock_timeout = ${lockTimeoutMs}`,
      `SET statement_timeout = ${statementTimeoutMs}`,
      `SET idle_in_transaction_session_timeout = ${statementTimeoutMs}`,
      // A plan that was made while a table was small is kept while an event sells out: it must use
      // the indexes from the start.
      `SET enable_seqscan = off`,
      `SET jit = off`,
    )
    if (isReadOnly) settings.push(`SET default_transaction_read_only = on`)
  }
  await client.query(settings.join('; '))
}
