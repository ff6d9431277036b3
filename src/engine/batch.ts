import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { AskedEvent } from '../domain/commands.ts'
import { decide, LATER } from '../domain/decide/decide.ts'
import type { FactType } from '../domain/facts.ts'
import { dropOverKeys } from '../store/idempotency.ts'
import type { RunLast } from '../store/last-statement.ts'
import { loadState } from '../store/load-state.ts'
import { withRealIds } from '../store/project/new-ids.ts'
import { project } from '../store/project/project.ts'
import { answerDuplicates, answerKnown, successesOf } from './idempotent.ts'
import type { LockMode } from './group-commit.ts'
import { commandsOf, lockBatch } from './lock.ts'
import type { StepClock } from './steps.ts'
import { done, type Submission, type SubmissionResult } from './submission.ts'
import { inTransaction, type TransactionBounds } from './transaction.ts'

export interface BatchBounds extends TransactionBounds {
  /** Expired holds that one batch ends, and waitlist entries that it serves, at the most. */
  readonly maxSettledPerBatch: number
}

export interface BatchReport {
  /** One for each submission, those that came along last. */
  readonly results: readonly SubmissionResult[]
  /** Events that are to be settled further. */
  readonly unsettled: readonly AskedEvent[]
  /** What happened. */
  readonly facts: readonly { readonly type: FactType }[]
}

/**
 * Carries out a batch of commands in one transaction. When it returns, the commit is on disk: only
 * then may an outcome be told to anyone.
 *
 * @param steps - told when each step has ended
 * @throws TransactionFailure
 */
export async function runBatch(
  prisma: PrismaClient,
  bounds: BatchBounds,
  given: readonly Submission[],
  mode: LockMode,
  more: () => readonly Submission[],
  steps?: StepClock,
): Promise<BatchReport> {
  const work = async (tx: Prisma.TransactionClient, runLast: RunLast): Promise<BatchReport> => {
    const { lockTimeoutMs, maxSettledPerBatch } = bounds
    const { loaded, submissions, free } = await lockBatch(tx, given, mode, lockTimeoutMs, more)
    steps?.end('lock')
    const results = new Map(submissions.map((each) => [each, LOCKED]))
    const open = answerKnown(loaded.keys.live, free, results)
    await dropOverKeys(tx, loaded.keys.over)
    const commands = commandsOf(open)

    const state = await loadState(tx, loaded, commands, maxSettledPerBatch)
    steps?.end('load')
    const { verdicts, facts, unsettled } = decide(state, commands)
    steps?.end('decide')
    const ids = await project(tx, facts, successesOf(open, verdicts), runLast)
    const told = verdicts.map((verdict) => (verdict === LATER ? LATER : withRealIds(verdict, ids)))

    open.forEach((submission, i) => {
      const verdict = told[i]
      if (verdict === undefined) throw new RangeError('a command was not decided')
      results.set(submission, verdict === LATER ? UNDECIDED : done(verdict))
    })
    answerDuplicates(open, results)
    return { results: [...results.values()], unsettled, facts }
  }
  return inTransaction(prisma, bounds, work, steps)
}

const LOCKED: SubmissionResult = { status: 'locked' }
const UNDECIDED: SubmissionResult = { status: 'later' }
