import { TRIGGERS_OFF } from './causes.ts'

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
 * - `out_of_time`: a statement or a transaction took longer than it may; less of it may be through in time
 * - `unavailable`: no connection, no answer, or PostgreSQL is starting or stopping
 * - `unknown`: none of these: a mistake of ours
 */
export type FailureKind =
  | 'conflict'
  | 'stale_plan'
  | 'lock_timeout'
  | 'refused_data'
  | 'data_fault'
  | 'forbidden'
  | 'out_of_time'
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
  ['25P04', 'out_of_time'], // transaction_timeout
  ['26000', 'unavailable'], // a prepared statement is gone: another server, or a pooler
  ['28', 'unavailable'],
  ['3D000', 'unavailable'],
  ['42501', 'forbidden'],
  ['42P05', 'unavailable'], // a prepared statement has the name already: a pooler
  ['42P01', 'unavailable'], // a table is missing: migrations are pending
  ['42703', 'unavailable'], // a column is missing: migrations are pending
  ['53', 'unavailable'],
  ['57014', 'out_of_time'], // statement_timeout; or somebody has cancelled it
  ['57', 'unavailable'], // shutdown, crash
  ['58', 'unavailable'],
  ['XX', 'unavailable'],
  [TRIGGERS_OFF, 'unavailable'], // a new session that we refuse
]

/** What PostgreSQL means by a SQLSTATE; `unknown` for one that it should never give us. */
export function kindOfSqlState(sqlState: string): FailureKind {
  return KIND_BY_SQLSTATE.find(([prefix]) => sqlState.startsWith(prefix))?.[1] ?? 'unknown'
}
