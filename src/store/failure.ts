import {
  causesOf,
  codeOf,
  constraintIn,
  isSystemError,
  isStalePlan,
  kindOf,
  messageOf,
  sqlStateIn,
} from './causes.ts'
import { kindOfSqlState, type FailureKind } from './failure-kinds.ts'

/** Codes of Prisma that tell of the connection or of time: P1xxx, P2024, P2028, P2037. */
const PRISMA_UNAVAILABLE = /^P(1\d{3}|2024|2028|2037)$/
const PRISMA_CONFLICT = 'P2034'
/** It has one code for a transaction that could not begin in time, and for one that has not ended in time. */
const PRISMA_TRANSACTION = 'P2028'
const PRISMA_EXPIRED = /expired transaction/i
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
    return kindOfSqlState(sqlState)
  }
  if (chain.some((cause) => codeOf(cause) === PRISMA_CONFLICT)) return 'conflict'
  if (chain.some(isExpired)) return 'out_of_time'
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

function isExpired(error: unknown): boolean {
  return codeOf(error) === PRISMA_TRANSACTION && PRISMA_EXPIRED.test(messageOf(error))
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
