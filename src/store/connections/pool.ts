import type { SqlQuery } from '@prisma/driver-adapter-utils'
import pg from 'pg'
import { joinEnds } from './joined-ends.ts'
import { renewUnsoundSessions } from './renewal.ts'
import { isThroughPgBouncer, prepareSession, type SessionSettings } from './session.ts'

/** What the connections of both pools have in common. */
export interface ConnectionConfig {
  readonly url: string
  readonly connectTimeoutMs: number
  readonly lockTimeoutMs: number
}

export interface PoolConfig extends ConnectionConfig {
  readonly poolSize: number
  readonly transactionTimeoutMs: number
}

export interface ReadPoolConfig {
  readonly poolSize: number
  readonly timeoutMs: number
}

/** How much longer the client waits for an answer than PostgreSQL may take to give one. */
const ANSWER_GRACE_MS = 500

/**
 * How long a transaction waits for a lock that it was not sent to wait for: others in its batch
 * must not be held up by what one of them meets.
 */
const LOCK_PATIENCE_MS = 100

/** Statements that are prepared by name on each connection, at the most. */
const MAX_NAMED_STATEMENTS = 200
const UNNAMED = ''

/** The pool on which commands are carried out. Its bounds are all set by name. */
export function createPool(config: PoolConfig): pg.Pool {
  return openPool(config, config.poolSize, {
    statementTimeoutMs: config.transactionTimeoutMs,
    lockTimeoutMs: Math.min(config.lockTimeoutMs, LOCK_PATIENCE_MS),
    isReadOnly: false,
  })
}

/** The pool for reads. They wait for no row, but for a table that a migration has locked. */
export function createReadPool(config: ConnectionConfig, reads: ReadPoolConfig): pg.Pool {
  return openPool(config, reads.poolSize, {
    statementTimeoutMs: reads.timeoutMs,
    lockTimeoutMs: config.lockTimeoutMs,
    isReadOnly: true,
  })
}

function openPool(
  { url, connectTimeoutMs }: ConnectionConfig,
  size: number,
  session: SessionSettings,
): pg.Pool {
  const longestLoanMs = session.statementTimeoutMs + ANSWER_GRACE_MS
  const canPipeline = !isThroughPgBouncer(url)
  const pool = new pg.Pool({
    connectionString: url,
    pipeline: canPipeline,
    application_name: 'reservation-system-api',
    max: size,
    connectionTimeoutMillis: connectTimeoutMs,
    // The bound for a server that is frozen or out of reach: statement_timeout needs one that lives.
    query_timeout: longestLoanMs,
    keepAlive: true,
    // pg waits for the promise, though its types do not say so.
    onConnect: (client): unknown => prepareSession(client, url, session),
  })
  if (canPipeline) pool.on('connect', joinEnds)
  renewUnsoundSessions(pool)
  endOverdueLoans(pool, longestLoanMs)
  return pool
}

/**
 * Ends a connection that is lent for longer than any transaction may take. Without pipelining, an
 * answer that does not come in time fails its query only: pg drops the ROLLBACK that waits behind
 * it, and Prisma's adapter gives the connection back as if it were sound. Should the server come to
 * life again before its own timeouts end the session (behind PgBouncer it has none), the next
 * transaction would find itself inside the old one, and commit what that one had written.
 */
function endOverdueLoans(pool: pg.Pool, longestLoanMs: number): void {
  const loans = new Map<pg.PoolClient, NodeJS.Timeout>()
  pool.on('acquire', (client) => {
    const end = (): void => {
      // Never rejects, and tells the client that the end is meant. In pipeline mode it would wait
      // for the answers that do not come.
      void client.end()
      client.connection.stream.destroy()
    }
    loans.set(client, setTimeout(end, longestLoanMs))
  })
  pool.on('release', (_error, client) => {
    clearTimeout(loans.get(client))
    loans.delete(client)
  })
}

/**
 * Names statements so that PostgreSQL parses and plans each once a connection. Statements without
 * parameters, such as BEGIN, gain nothing by it.
 */
export function nameStatements(url: string): (query: SqlQuery) => string {
  if (isThroughPgBouncer(url)) return () => UNNAMED
  const names = new Map<string, string>()
  return ({ sql, args }) => {
    if (args.length === 0) return UNNAMED
    const known = names.get(sql)
    if (known !== undefined) return known
    if (names.size >= MAX_NAMED_STATEMENTS) return UNNAMED
    const name = `s${names.size + 1}`
    names.set(sql, name)
    return name
  }
}
