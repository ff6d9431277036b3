import { classifyFailure } from '../store/failure.ts'
import { toServiceError } from './service-error.ts'
import { ServiceError } from '../http/errors.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { runBatch } from './batch.ts'
import type { Command, Outcome, ReserveCommand } from '../domain/commands.ts'
import { runSafely } from './retry.ts'
import { GroupCommit, type BatchObservation, type GroupCommitErrors } from './group-commit.ts'
import type { Answer, Idempotency, Order } from './orders.ts'
import { RefusalScreen } from './screen.ts'
import type { TransactionBounds } from './transaction.ts'

export interface ExecuteOptions {
  /** Makes the command take effect once, however often it is sent under the key. */
  readonly idempotency?: Idempotency | null
  /** Asked when the command's turn comes: true drops it, nobody waits for it. */
  readonly isAbandoned?: () => boolean
}

/** The one way by which an event's seats change. */
export interface Reservations {
  /**
   * Decides a command. Settles when what came of it is committed and so outlives a crash.
   *
   * @throws ServiceError where nothing could be decided: `overloaded`, `event_busy`,
   *   `database_unavailable`, `shutting_down`, `data_refused`; or `outcome_unknown`, where the
   *   command may or may not have taken effect
   */
  execute(command: Command, options?: ExecuteOptions): Promise<Answer>
  /** Takes no more commands; settles when every accepted one has its answer. */
  close(): Promise<void>
}

export interface EngineConfig {
  readonly database: TransactionBounds
  readonly groupCommit: {
    readonly lanes: number
    readonly lockWaiters: number
    readonly maxBatchSize: number
    readonly maxQueueLength: number
    readonly commandTimeoutMs: number
  }
}

/** Wires the rules, the SQL, group commit and the policy for faults together. */
export function createReservations(
  prisma: PrismaClient,
  config: EngineConfig,
  observe: (batch: BatchObservation) => void = () => undefined,
): Reservations {
  const { lockWaiters, ...bounds } = config.groupCommit
  const maxQueueLengthPerKey = Math.ceil(bounds.maxQueueLength / 2)
  const screen = new RefusalScreen(prisma)
  const commits = new GroupCommit<Order, Answer>({
    keyOf: ({ command }) => command.eventId,
    bounds: { ...bounds, lockWaiters, maxQueueLengthPerKey },
    run: (orders, mode, more) =>
      runSafely((...batch) => runBatch(prisma, config.database, ...batch), orders, mode, more),
    errors,
    observe,
  })
  const reads = new GroupCommit<ReserveCommand, Outcome | undefined>({
    keyOf: ({ eventId }) => eventId,
    bounds: { ...bounds, lanes: 1, lockWaiters: 0, maxQueueLengthPerKey },
    run: (commands) => screen.run(commands).catch(throwServiceError),
    errors: readErrors,
    observe,
  })
  return {
    async execute(command, { idempotency = null, isAbandoned } = {}) {
      // Under a key, what was answered before comes first.
      if (idempotency === null && screen.isWorthAsking(command)) {
        const refused = await reads.submit(command, isAbandoned)
        if (refused !== undefined) return { kind: 'decided', outcome: refused }
      }
      const answer = await commits.submit({ command, idempotency }, isAbandoned)
      if (answer.kind === 'decided') screen.learn(command, answer.outcome)
      return answer
    },
    async close() {
      await reads.close()
      await commits.close()
    },
  }
}

function throwServiceError(error: unknown): never {
  throw toServiceError({ kind: classifyFailure(error), stage: 'work' }, error)
}

const errors: GroupCommitErrors = {
  overloaded: () => new ServiceError('overloaded'),
  keyLocked: () => new ServiceError('event_busy'),
  notStarted: () => new ServiceError('overloaded'),
  outcomeUnknown: () => new ServiceError('outcome_unknown'),
  closing: () => new ServiceError('shutting_down'),
}

/** A read that is late has changed nothing. */
const readErrors: GroupCommitErrors = {
  ...errors,
  outcomeUnknown: () => new ServiceError('database_unavailable'),
}
