import { setTimeout as delay } from 'node:timers/promises'
import { toEngineError } from './engine-error.ts'
import type { LockMode } from '../store/lock-and-load.ts'
import type { RunBatch } from './group-commit.ts'
import type { Executed, Submission, SubmissionResult } from './submission.ts'
import { TransactionFailure } from './transaction.ts'

type Run = RunBatch<Submission, Executed>

/** Tries of one batch, and the longest pause between two of them in milliseconds. */
const MAX_TRIES = 3
const MAX_PAUSE_MS = 40

/**
 * Makes a batch survive what can be survived, and gives each command its own fate otherwise:
 * - what surely did not happen and may work the next time is tried again, a few times, with jitter
 * - what can't be decided or written fails alone: the batch is halved until the culprit stands alone
 * - a commit whose answer was lost is never repeated: its outcome is unknown
 */
export async function runSafely(
  run: Run,
  given: readonly Submission[],
  mode: LockMode,
  more: () => readonly Submission[] = () => [],
): Promise<readonly SubmissionResult[]> {
  const submissions = [...given]
  const addMore = (): readonly Submission[] => {
    const added = more()
    submissions.push(...added)
    return added
  }
  for (let tries = 1; ; tries += 1) {
    try {
      return await run([...submissions], mode, addMore)
    } catch (error) {
      if (!(error instanceof TransactionFailure)) throw error
      const remedy = remedyFor(error)
      if (remedy === 'wait_over') return submissions.map(() => ({ status: 'locked' }))
      if (remedy === 'halve' && submissions.length > 1) return halve(run, submissions, mode)
      if (remedy !== 'repeat' || tries === MAX_TRIES) return failAll(submissions, error)
      await delay(Math.random() * MAX_PAUSE_MS)
    }
  }
}

type Remedy = 'repeat' | 'halve' | 'wait_over' | 'none'

function remedyFor({ kind, stage }: TransactionFailure): Remedy {
  if (kind === 'conflict') return 'repeat'
  if (kind === 'refused_data' || kind === 'data_fault') return 'halve'
  // A mistake of ours, met by one command, must not fail those of others.
  if (kind === 'unknown' && stage === 'work') return 'halve'
  // In the mode `skip` it was met by something else than an event's row: each event is to wait
  // apart then, so that the others of the batch go on.
  if (kind === 'lock_timeout') return 'wait_over'
  return kind === 'unavailable' && stage === 'work' ? 'repeat' : 'none'
}

async function halve(
  run: Run,
  submissions: readonly Submission[],
  mode: LockMode,
): Promise<SubmissionResult[]> {
  const middle = Math.ceil(submissions.length / 2)
  const first = await runSafely(run, submissions.slice(0, middle), mode)
  return [...first, ...(await runSafely(run, submissions.slice(middle), mode))]
}

function failAll(
  submissions: readonly Submission[],
  failure: TransactionFailure,
): SubmissionResult[] {
  const error = toEngineError(failure, failure)
  return submissions.map(() => ({ status: 'failed', error }))
}
