import { eventIdOf, NO_EVENT, type Command } from '../domain/commands.ts'
import type { ReserveCommand } from '../domain/commands/bookings.ts'
import type { Refused } from '../domain/outcomes.ts'
import { isOutcomeOf, type OutcomeOf } from '../domain/successes.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { classifyFailure } from '../store/failure.ts'
import { SeatsAtHand } from '../store/seats-at-hand.ts'
import type { IdempotentRequest } from '../store/idempotency.ts'
import { runBatch, type BatchBounds } from './batch.ts'
import { EngineError, OVERLOADED, toEngineError, UNAVAILABLE } from './engine-error.ts'
import { GroupCommit, type GroupCommitErrors } from './group-commit.ts'
import type { Group } from './groups.ts'
import { observedExecute, observedRun, observing } from './observed.ts'
import type { EngineObserver } from './observer.ts'
import { runSafely } from './retry.ts'
import { RefusalScreen } from './screen.ts'
import { Settler } from './settler.ts'
import type { Executed, Submission } from './submission.ts'
import type { CommandTrace } from './traces.ts'

export interface ExecuteOptions {
  /** Makes the command take effect once, however often it is sent under the key. */
  readonly idempotency?: IdempotentRequest | null
  /** Asked when the command's turn comes: true drops it, nobody waits for it. */
  readonly isAbandoned?: () => boolean
  /** Told of the batches that the command comes into. */
  readonly trace?: CommandTrace | undefined
}

/** The one way by which anything changes. */
export interface Reservations {
  /**
   * Decides a command. Settles when what came of it is committed and so outlives a crash.
   *
   * @throws EngineError where nothing could be decided: `overloaded`, `event_busy`,
   *   `database_unavailable`, `shutting_down`, `data_refused`; or `outcome_unknown`, where the
   *   command may or may not have taken effect
   */
  execute<C extends Command>(command: C, options?: ExecuteOptions): Promise<Executed<OutcomeOf<C>>>
  /** Takes no more commands; settles when every accepted one has its answer. */
  close(): Promise<void>
}

export interface EngineConfig {
  /** With `keys` tenants are told apart: none takes all of the queues and the lanes. */
  readonly auth: 'keys' | 'off'
  readonly database: Omit<BatchBounds, 'maxSettledPerBatch'>
  readonly groupCommit: {
    readonly lanes: number
    readonly lockWaiters: number
    readonly maxBatchSize: number
    readonly maxSettledPerBatch: number
    readonly maxQueueLength: number
    readonly commandTimeoutMs: number
  }
}

/** Wires the rules, the SQL, group commit and the policy for faults together. */
export function createReservations(
  prisma: PrismaClient,
  config: EngineConfig,
  observer: EngineObserver = {},
): Reservations {
  const { maxSettledPerBatch, ...groupCommit } = config.groupCommit
  const isShared = config.auth === 'keys'
  // An event may have half of what its tenant may have.
  const maxQueueLengthPerKey = Math.ceil(groupCommit.maxQueueLength / (isShared ? 4 : 2))
  const bounds = { ...groupCommit, maxQueueLengthPerKey }
  // The service's own commands are those of the event's tenant too.
  const groupOf = ({ origin: { tenantId } }: Command): Group => (isShared ? tenantId : null)
  const settler = new Settler(
    (command, isHeavy) => commits.submit({ command, idempotency: null, isHeavy }),
    observer.onSettlingFailed,
  )
  const context = {
    prisma,
    bounds: { ...config.database, maxSettledPerBatch },
    seatsAtHand: new SeatsAtHand(),
  }
  const commits = new GroupCommit<Submission, Executed>({
    keyOf: ({ command }) => eventIdOf(command) ?? NO_EVENT,
    groupOf: ({ command }) => groupOf(command),
    isRequest: ({ command }) => command.origin.requestId !== null,
    isHeavy: ({ isHeavy = false }) => isHeavy,
    // What has no event locks its key before the batch's events are locked: the one lock order.
    mayJoin: (key) => key !== NO_EVENT,
    bounds,
    run: (submissions, mode, more, trace) => {
      const observed = observedRun(mode, observer, trace)
      return runSafely(
        async (...batch) => {
          const report = await observed((steps) => runBatch(context, ...batch, steps))
          settler.goOn(report.unsettled)
          return report.results
        },
        submissions,
        mode,
        more,
      )
    },
    errors,
    ...observing('decide', observer),
  })
  const screen = new RefusalScreen(prisma)
  const reads = new GroupCommit<ReserveCommand, Refused | undefined>({
    keyOf: ({ eventId }) => eventId,
    groupOf,
    bounds: { ...bounds, lanes: 1, lockWaiters: 0 },
    run: (commands) => screen.run(commands).catch(throwEngineError),
    errors: readErrors,
    ...observing('screen', observer),
  })
  observer.watchQueues?.({ decide: () => commits.queueLength, screen: () => reads.queueLength })
  const execute: Reservations['execute'] = async (
    command,
    { idempotency = null, isAbandoned, trace } = {},
  ) => {
    // Under a key, what was answered before comes first.
    if (idempotency === null && screen.isWorthAsking(command)) {
      const refused = await reads.submit(command, isAbandoned, trace)
      if (refused !== undefined) return { outcome: refused, isReplayed: false }
    }
    const submission = { command, idempotency }
    const { outcome, isReplayed } = await commits.submit(submission, isAbandoned, trace)
    if (!isReplayed) screen.learn(command, outcome)
    if (!isOutcomeOf(command, outcome)) {
      throw new TypeError(`${command.type} cannot come to ${outcome.kind}`)
    }
    return { outcome, isReplayed }
  }
  return {
    execute: observedExecute(execute, observer),
    async close() {
      await reads.close()
      await commits.close()
    },
  }
}

function throwEngineError(error: unknown): never {
  throw toEngineError({ kind: classifyFailure(error), stage: 'work' }, error)
}

// Made once: whole queues are told at a time, and there is no stack that would tell more.
const BUSY = new EngineError('event_busy')
const UNKNOWN = new EngineError('outcome_unknown')
const CLOSING = new EngineError('shutting_down')

const errors: GroupCommitErrors = {
  overloaded: () => OVERLOADED,
  keyLocked: () => BUSY,
  notStarted: () => OVERLOADED,
  outcomeUnknown: () => UNKNOWN,
  closing: () => CLOSING,
}

/** A read that is late has changed nothing. */
const readErrors: GroupCommitErrors = { ...errors, outcomeUnknown: () => UNAVAILABLE }
