/**
 * What went wrong below us, told apart by what may be done about it:
 * - `conflict`: PostgreSQL undid the transaction for the sake of another one; it may be repeated
 * - `lock_timeout`: a lock was not free in time
 * - `refused_data`: PostgreSQL does not take what the client sent, and will not the next time
 * - `data_fault`: some of the data can't be computed or stored, through no fault of the client
 * - `unavailable`: no connection, no answer, no time left, or PostgreSQL is starting or stopping
 * - `unknown`: none of these: a mistake of ours
 */
export type FailureKind =
  'conflict' | 'lock_timeout' | 'refused_data' | 'data_fault' | 'unavailable' | 'unknown'

/** SQLSTATEs and their classes (PostgreSQL documentation, appendix A); the first that fits counts. */
const KIND_BY_SQLSTATE: readonly (readonly [prefix: string, kind: FailureKind])[] = [
  ['40003', 'unavailable'], // it is not known whether the statement completed
  ['40', 'conflict'], // serialization failure, deadlock
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
  ['25P02', 'unavailable'], // the transaction had failed before
  ['25P03', 'unavailable'], // idle_in_transaction_session_timeout
  ['26000', 'unavailable'], // a prepared statement is gone: another server, or a pooler
  ['28', 'unavailable'],
  ['3D000', 'unavailable'],
  ['42P01', 'unavailable'], // a table is missing: migrations are pending
  ['42703', 'unavailable'], // a column is missing: migrations are pending
  ['53', 'unavailable'],
  ['57', 'unavailable'], // statement_timeout, shutdown, crash
  ['58', 'unavailable'],
  ['XX', 'unavailable'],
]

/** Codes of Prisma that tell of the connection or of time: P1xxx, P2024, P2028, P2037. */
const PRISMA_UNAVAILABLE = /^P(1\d{3}|2024|2028|2037)$/
const PRISMA_CONFLICT = 'P2034'
const UNIQUE_VIOLATION = '23505'
const PRIMARY_KEY = /_pkey$/
const SQLSTATE = /^[0-9A-Z]{5}$/
const SYSTEM_ERROR = /^E[A-Z]{2,}/

/** What Prisma's adapter calls failures of the connection that have no SQLSTATE. */
const ADAPTER_UNAVAILABLE: ReadonlySet<string> = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TlsConnectionError',
  'TooManyConnections',
])

/** What pg says, without any code, of connections that are gone and of its own time limits. */
const PG_UNAVAILABLE =
  /connection (terminated|ended|timeout)|not queryable|query read timeout|timeout exceeded|after calling end/i

/** Classifies whatever a query, a transaction or a connection attempt threw. */
export function classifyFailure(error: unknown): FailureKind {
  const chain = causesOf(error)
  const sqlState = chain.map(sqlStateOf).find((code) => code !== undefined)
  if (sqlState !== undefined) {
    if (sqlState === UNIQUE_VIOLATION && chain.some(isOnPrimaryKey)) return 'data_fault'
    return KIND_BY_SQLSTATE.find(([prefix]) => sqlState.startsWith(prefix))?.[1] ?? 'unknown'
  }
  if (chain.some((cause) => codeOf(cause) === PRISMA_CONFLICT)) return 'conflict'
  return chain.some(isUnavailable) ? 'unavailable' : 'unknown'
}

/** The error and what caused it, outermost first, also where Prisma keeps it in `meta`. */
function causesOf(error: unknown): unknown[] {
  const chain: unknown[] = []
  const open: unknown[] = [error]
  while (open.length > 0 && chain.length < 16) {
    const next = open.shift()
    if (typeof next !== 'object' || next === null || chain.includes(next)) continue
    chain.push(next)
    open.push(member(next, 'cause'), member(member(next, 'meta'), 'driverAdapterError'))
  }
  return chain
}

function sqlStateOf(error: unknown): string | undefined {
  const codes = [member(error, 'originalCode'), codeOf(error)]
  return codes.find(
    (code): code is string =>
      typeof code === 'string' &&
      SQLSTATE.test(code) &&
      !SYSTEM_ERROR.test(code) &&
      !/^P[12]\d{3}$/.test(code),
  )
}

/** An id that is drawn from a sequence was taken already: the sequence lags behind its table. */
function isOnPrimaryKey(error: unknown): boolean {
  const constraint = member(error, 'constraint')
  const name = typeof constraint === 'string' ? constraint : member(constraint, 'index')
  return typeof name === 'string' && PRIMARY_KEY.test(name)
}

function isUnavailable(error: unknown): boolean {
  const code = codeOf(error)
  const kind = member(error, 'kind')
  if (typeof kind === 'string' && ADAPTER_UNAVAILABLE.has(kind)) return true
  if (typeof code === 'string' && (PRISMA_UNAVAILABLE.test(code) || SYSTEM_ERROR.test(code))) {
    return true
  }
  return error instanceof Error && PG_UNAVAILABLE.test(error.message)
}

function codeOf(error: unknown): unknown {
  return member(error, 'code')
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
