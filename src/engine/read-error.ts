import { classifyFailure } from '../store/failure.ts'
import { toEngineError } from './engine-error.ts'

/** What a read's failure is to its caller; what is no failure of the database comes out as it is. */
export function readErrorOf(error: unknown): Error {
  const kind = classifyFailure(error)
  if (kind === 'unknown' && error instanceof Error) return error
  // What a read waits for is no event: a table is locked, by a migration for instance.
  const isLocked = kind === 'lock_timeout' || kind === 'conflict'
  return toEngineError({ kind: isLocked ? 'unavailable' : kind, stage: 'work' }, error)
}
