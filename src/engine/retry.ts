import { setTimeout as delay } from 'node:timers/promises'
import { toEngineError } from './engine-error.ts'
import type { LockMode, RunBatch } from './group-commit.ts'
import type { Executed, Submission, SubmissionResult } from './submission.ts'
import { TransactionFailure } from './transaction.ts'

type Run = RunBatch<Submission, Executed>

/** Tries of one batch, and the longest pause between two of them in milliseconds. */
const MAX_TRIES = 3
const MAX_PAUSE_MS = 40
/** How long a batch that meets conflicts is parted: it keeps a lane from all others. */
const MAX_PARTING_MS = 1_000

/**
 * Makes a batch survive what can be survived, and gives each command its own fate otherwise:
 * - what surely did not happen and may work the next time is tried again, a few times, with jitter
 * - what others stand in the way of again and again is parted: a command that is alone meets few.
 *   Past {@link MAX_PARTING_MS} what is left is tried once more, as it is
 * - what can't be decided or written fails alone: the batch is halved until the culprit stands alone
 * - what runs out of time is halved, once: a half may come to its end, and a lane is not kept longer
 *   than by {@link MAX_TRIES} tries; a command that is alone from the start has as many
 * - a commit whose answer was lost is never repeated: its outcome is unknown
 */
export async function runSafely(
  run: Run,
  given: readonly Submission[],
  mode: LockMode,
  more: () => readonly Submission[] = () => [],
): Promise<readonly SubmissionResult[]> {
  return runPart(run, given, mode, WHOLE, more)
}

interface Parting {
  /** Until when a batch may be parted for conflicts; null while it has met none that lasts. */
  readonly endsAt: number | null
  /** Whether it is half of what ran out of time. */
  readonly isHalf: boolean
}

const WHOLE: Parting = { endsAt: null, isHalf: false }

async function runPart(
  run: Run,
  given: readonly Submission[],
  mode: LockMode,
  parting: Parting,
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
      const remedy = remedyFor(error, submissions.length, parting)
      if (remedy === 'wait_over') return submissions.map(() => ({ status: 'locked' }))
      if (remedy === 'none') return failAll(submissions, error)
      const isHalf = parting.isHalf || error.kind === 'out_of_time'
      if (remedy === 'halve') return halve(run, submissions, mode, { ...parting, isHalf })
      const isConflict = remedy === 'part'
      if (tries >= (isConflict ? triesAgainst(parting, submissions.length) : MAX_TRIES)) {
        const mayPart = isConflict && submissions.length > 1 && !isOver(parting)
        if (!mayPart) return failAll(submissions, error)
        return halve(run, submissions, mode, begun(parting))
      }
      await delay(Math.random() * MAX_PAUSE_MS)
    }
  }
}

type Remedy = 'repeat' | 'part' | 'halve' | 'wait_over' | 'none'

function remedyFor(
  { kind, stage }: TransactionFailure,
  commands: number,
  { isHalf }: Parting,
): Remedy {
  const halved = commands > 1 ? 'halve' : 'none'
  // Some of the commands meet it; the rest of these befalls all, however few they are.
  if (kind === 'conflict') return 'part'
  if (kind === 'stale_plan') return 'repeat'
  if (kind === 'refused_data' || kind === 'data_fault' || kind === 'forbidden') return halved
  // A mistake of ours, met by one command, must not fail those of others.
  if (kind === 'unknown' && stage === 'work') return halved
  // In the mode `skip` it was met by something else than an event's row: each event is to wait
  // apart then, so that the others of the batch go on.
  if (kind === 'lock_timeout') return 'wait_over'
  if (stage !== 'work') return 'none'
  if (kind === 'unavailable') return 'repeat'
  if (kind !== 'out_of_time' || isHalf) return 'none'
  // Alone from the start it has as much time; somebody may have cancelled its statement.
  return commands > 1 ? 'halve' : 'repeat'
}

/** A part that will be parted further has one try, as the next parts are tries of its commands too. */
function triesAgainst(parting: Parting, commands: number): number {
  if (parting.endsAt === null) return MAX_TRIES
  return commands > 1 || isOver(parting) ? 1 : MAX_TRIES
}

function isOver({ endsAt }: Parting): boolean {
  return endsAt !== null && performance.now() >= endsAt
}

function begun({ endsAt, ...rest }: Parting): Parting {
  return { ...rest, endsAt: endsAt ?? performance.now() + MAX_PARTING_MS }
}

async function halve(
  run: Run,
  submissions: readonly Submission[],
  mode: LockMode,
  parting: Parting,
): Promise<SubmissionResult[]> {
  const middle = Math.ceil(submissions.length / 2)
  const first = await runPart(run, submissions.slice(0, middle), mode, parting)
  return [...first, ...(await runPart(run, submissions.slice(middle), mode, parting))]
}

function failAll(
  submissions: readonly Submission[],
  failure: TransactionFailure,
): SubmissionResult[] {
  const error = toEngineError(failure, failure)
  return submissions.map(() => ({ status: 'failed', error }))
}
