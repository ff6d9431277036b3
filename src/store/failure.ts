import {
  causesOf,
  codeOf,
  constraintIn,
  isSystemError,
  isStalePlan,
  kindOf,
  messageOf,
  sqlStateIn,
  TRIGGERS_OFF,
} from './causes.ts'

/**
 * What went wrong below us, told apart by what may be done about it:
 * - `conflict`: PostgreSQL undid the transaction for the sake of another one; it may be repeated
 * - `stale_plan`: a table looks otherwise than when the statement was prepared; a new session, whose
 *   plans are new, carries it out (connections/renewal.ts sees to that)
 * - `lock_timeout`: a lock was not free in time
 * - `refused_data`: PostgreSQL does not take what the client sent, and will not the next time
 * - `data_fault`: some of the data can't be computed or stored, through no fault of the client
 * - `forbidden`: the service's role lacks a privilege, which is for an operator to grant; one statement
 *   may meet it where others go on
 * - `unavailable`: no connection, no answer, no time left, or PostgreSQL is starting or stopping
 * - `unknown`: none of these: a mistake of ours
 */
export type FailureKind =
  | 'conflict'
  | 'stale_plan'
  | 'lock_timeout'
  | 'refused_data'
  | 'data_fault'
  | 'forbidden'
  | 'unavailable'
  | 'unknown'

/** SQLSTATEs and their classes (PostgreSQL documentation, appendix A); the first that fits counts. */
const KIND_BY_SQLSTATE: readonly (readonly [prefix: string, kind: FailureKind])[] = [
  ['40003', 'unavailable'], // it is not known whether the statement completed
  ['40', 'conflict'], // serialization failure, deadlock
  ['0A', 'data_fault'], // a trigger's; no statement of ours asks for what PostgreSQL lacks
  ['55P03', 'lock_timeout'],
  // What the client sent, as a rule of the operator's sees it: too long a text, characters that the
  // database's encoding lacks, text that a trigger takes for a number or a date.
  ['22001', 'refused_data'],
  ['22007', 'refused_data'],
  ['22008', 'refused_data'],
  ['22021', 'refused_data'],
  ['22P02', 'refused_data'],
  ['22P05', 'refused_data'],
  ['22', 'data_fault'], // an exhausted sequence, a number out of range, a division by zero, …
  ['23502', 'data_fault'], // a column that we don't know of, without a default
  ['23', 'refused_data'], // CHECK, UNIQUE, EXCLUDE and foreign keys
  ['P0001', 'refused_data'], // RAISE EXCEPTION in a trigger
  ['P0', 'data_fault'], // ASSERT in a trigger, …
  ['54', 'data_fault'], // an index entry too large, too deep a nesting, …
  ['08', 'unavailable'],
  ['25006', 'unavailable'], // a standby, after a failover
  ['25P01', 'unavailable'], // no transaction is open
  ['25P02', 'unavailable'], // the transaction had failed before
  ['25P03', 'unavailable'], // idle_in_transaction_session_timeout
  ['25P04', 'unavailable'], // transaction_timeout
  ['26000', 'unavailable'], // a prepared statement is gone: another server, or a pooler
  ['28', 'unavailable'],
  ['3D000', 'unavailable'],
  ['42501', 'forbidden'],
  ['42P05', 'unavailable'], // a prepared statement has the name already: a pooler
  ['42P01', 'unavailable'], // a table is missing: migrations are pending
  ['42703', 'unavailable'], // a column is missing: migrations are pending
  ['53', 'unavailable'],
  ['57', 'unavailable'], // statement_timeout, shutdown, crash
  ['58', 'unavailable'],
  ['XX', 'unavailable'],
  [TRIGGERS_OFF, 'unavailable'], // a new session that we refuse
]

/** Codes of Prisma that tell of the connection or of time: P1xxx, P2024, P2028, P2037. */
const PRISMA_UNAVAILABLE = /^P(1\d{3}|2024|2028|2037)$/
const PRISMA_CONFLICT = 'P2034'
const UNIQUE_VIOLATION = '23505'
const PRIMARY_KEY = /_pkey$/
/** Of one of the partitions that idempotency keys are in. */
const PRIMARY_KEY_OF_KEYS = /^idempotency_keys(_\d)?_pkey$/

/** What Prisma's adapter calls failures of the connection that have no SQLSTATE. */
const ADAPTER_UNAVAILABLE: ReadonlySet<string> = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TlsConnectionError',
  'TooManyConnections',
])

/** What pg says, without any code, of connections that are gone and of its own time limits. */
const PG_CONNECTION_LOST = /connection terminated(?! due to)|not queryable/i
const PG_UNAVAILABLE =
  /connection (terminated|ended|timeout)|not queryable|query read timeout|timeout exceeded|after calling end/i

/** SQLSTATEs of sessions that are gone or unsound, where another session may do better at once. */
const OF_SESSION = /^(08|25P0[12]|26000|42P05|57P0[12])/

/** Classifies whatever a query, a transaction or a connection attempt threw. */
export function classifyFailure(error: unknown): FailureKind {
  const chain = causesOf(error)
  const sqlState = sqlStateIn(chain)
  if (sqlState !== undefined) {
    if (chain.some(isStalePlan)) return 'stale_plan'
    if (sqlState === UNIQUE_VIOLATION) {
      // Another transaction has stored the key meanwhile.
      if (isOn(PRIMARY_KEY_OF_KEYS, chain)) return 'conflict'
      // An id that is drawn from a sequence was taken already: the sequence lags behind its table.
      if (isOn(PRIMARY_KEY, chain)) return 'data_fault'
    }
    return KIND_BY_SQLSTATE.find(([prefix]) => sqlState.startsWith(prefix))?.[1] ?? 'unknown'
  }
  if (chain.some((cause) => codeOf(cause) === PRISMA_CONFLICT)) return 'conflict'
  return chain.some(isUnavailable) ? 'unavailable' : 'unknown'
}

/** The SQLSTATE of what PostgreSQL refused; undefined where it refused nothing. */
export function sqlStateOf(error: unknown): string | undefined {
  return sqlStateIn(causesOf(error))
}

/** Whether a read that failed so may succeed at once, on another session. */
export function isWorthRepeating(error: unknown): boolean {
  const kind = classifyFailure(error)
  if (kind === 'conflict' || kind === 'stale_plan') return true
  const chain = causesOf(error)
  const sqlState = sqlStateIn(chain)
  return sqlState === undefined ? chain.some(isConnectionLost) : OF_SESSION.test(sqlState)
}

function isOn(constraint: RegExp, chain: readonly unknown[]): boolean {
  return constraint.test(constraintIn(chain) ?? '')
}

function isConnectionLost(error: unknown): boolean {
  if (kindOf(error) === 'ConnectionClosed' || codeOf(error) === 'ECONNRESET') return true
  return PG_CONNECTION_LOST.test(messageOf(error))
}

function isUnavailable(error: unknown): boolean {
  const code = codeOf(error) ?? ''
  return (
    ADAPTER_UNAVAILABLE.has(kindOf(error) ?? '') ||
    PRISMA_UNAVAILABLE.test(code) ||
    isSystemError(code) ||
    PG_UNAVAILABLE.test(messageOf(error))
  )
}
