import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import { askedEventOf, type AskedEvent } from '../domain/commands.ts'
import { decide, LATER } from '../domain/decide/decide.ts'
import type { Fact, FactType } from '../domain/facts.ts'
import type { State } from '../domain/state.ts'
import { askedKey } from '../store/asked.ts'
import { dropOverKeys } from '../store/idempotency.ts'
import type { RunLast } from '../store/last-statement.ts'
import { loadState } from '../store/load-state.ts'
import type { Loaded } from '../store/lock-and-load.ts'
import { withRealIds } from '../store/project/new-ids.ts'
import { project } from '../store/project/project.ts'
import type { SeatsAtHand } from '../store/seats-at-hand.ts'
import { turnsOnSeats } from '../store/wanted-seats.ts'
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

export interface BatchContext {
  readonly prisma: PrismaClient
  readonly bounds: BatchBounds
  /** What batches leave to those that follow. */
  readonly seatsAtHand: SeatsAtHand
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
  { prisma, bounds, seatsAtHand }: BatchContext,
  given: readonly Submission[],
  mode: LockMode,
  more: () => readonly Submission[],
  steps?: StepClock,
): Promise<BatchReport> {
  const work = async (tx: Prisma.TransactionClient, runLast: RunLast): Promise<Done> => {
    const { lockTimeoutMs, maxSettledPerBatch } = bounds
    const { loaded, submissions, free } = await lockBatch(tx, given, mode, lockTimeoutMs, more)
    steps?.end('lock')
    const results = new Map(submissions.map((each) => [each, LOCKED]))
    const unanswered = answerKnown(loaded.keys.live, free, results)
    await dropOverKeys(tx, loaded.keys.over)

    const asked = commandsOf(unanswered)
    const { state, putOff } = await loadState(tx, loaded, asked, maxSettledPerBatch, seatsAtHand)
    const open = withoutPutOff(unanswered, putOff, results)
    const commands = commandsOf(open)
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
    return { report: { results: [...results.values()], unsettled, facts }, loaded, state, facts }
  }
  await prepareSeats(prisma, seatsAtHand, given)
  const { report, loaded, state, facts } = await inTransaction(prisma, bounds, work, steps)
  seatsAtHand.keep(loaded, state, facts)
  return report
}

/** What is to be decided, without the commands on events that are for the next batch. */
function withoutPutOff(
  submissions: readonly Submission[],
  putOff: ReadonlySet<string>,
  results: Map<Submission, SubmissionResult>,
): readonly Submission[] {
  if (putOff.size === 0) return submissions
  return submissions.filter((submission) => {
    const event = askedEventOf(submission.command)
    const isPutOff = event !== undefined && putOff.has(askedKey(event))
    if (isPutOff) results.set(submission, UNDECIDED)
    return !isPutOff
  })
}

interface Done {
  readonly report: BatchReport
  readonly loaded: Loaded
  readonly state: State
  readonly facts: readonly Fact[]
}

async function prepareSeats(
  prisma: PrismaClient,
  seatsAtHand: SeatsAtHand,
  given: readonly Submission[],
): Promise<void> {
  const commands = given.map(({ command }) => command).filter(turnsOnSeats)
  // What fails here the transaction meets as well, and can tell how far it came.
  await seatsAtHand
    .prepare(
      prisma,
      commands.flatMap((each) => askedEventOf(each) ?? []),
    )
    .catch(ignore)
}

function ignore(): void {
  // It is tried again where it counts.
}

const LOCKED: SubmissionResult = { status: 'locked' }
const UNDECIDED: SubmissionResult = { status: 'later' }
