import pg from 'pg'
import { POOL_SIZE } from './names.ts'

/** As the service's own sessions: a plan that was made while a table was small must use its indexes. */
const PLANNED_WITH_INDEXES = '-c enable_seqscan=off -c jit=off'

/**
 * The pool of a design that speaks to PostgreSQL by itself: as large as the service's, and its
 * statements need not wait for the answers to those before.
 *
 * @param options - more of PostgreSQL's settings for its sessions, as `-c name=value`
 */
export function openPool(connectionString: string, options = ''): pg.Pool {
  return new pg.Pool({
    connectionString,
    max: POOL_SIZE,
    pipeline: true,
    options: `${PLANNED_WITH_INDEXES} ${options}`.trim(),
  })
}

export const UNIQUE_VIOLATION = '23505'
export const SERIALIZATION_FAILURE = '40001'

export function hasSqlState(error: unknown, code: string): boolean {
  return error instanceof pg.DatabaseError && error.code === code
}
