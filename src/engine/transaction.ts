import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import { causesOf } from '../store/causes.ts'
import { classifyFailure } from '../store/failure.ts'
import type { FailureKind } from '../store/failure-kinds.ts'
import { CommitLostError } from '../store/connections/joined-query.ts'
import type { RunLast } from '../store/last-statement.ts'
import type { Stage } from './engine-error.ts'
import type { StepClock } from './steps.ts'

export interface TransactionBounds {
  /** How long to wait for a connection of the pool. */
  readonly transactionMaxWaitMs: number
  /** How long a batch may wait for a lock that it was sent to wait for. */
  readonly lockTimeoutMs: number
  /** How long the transaction may be open. */
  readonly transactionTimeoutMs: number
}

/** A transaction that failed, with the stage it had reached. */
export class TransactionFailure extends Error {
  override readonly name = 'TransactionFailure'
  readonly stage: Stage
  readonly kind: FailureKind

  constructor(stage: Stage, cause: unknown) {
    super(`the transaction failed at the stage ${stage}`, { cause })
    this.stage = stage
    this.kind = classifyFailure(cause)
  }
}

/**
 * Runs `work` in one interactive transaction.
 *
 * @param work - may run its last statement by `runLast`, so that COMMIT goes along with it. From then
 *   on nothing can be undone: a failure, be it of ours, leaves the outcome unknown
 * @param steps - told when the transaction has begun, and when it has been written and committed
 * @throws TransactionFailure
 */
export async function inTransaction<T>(
  prisma: PrismaClient,
  bounds: TransactionBounds,
  work: (tx: Prisma.TransactionClient, runLast: RunLast) => Promise<T>,
  steps?: StepClock,
): Promise<T> {
  let stage: Stage = 'work'
  const runLast: RunLast = async (statement) => {
    steps?.joinCommit()
    const result = await statement()
    stage = 'commit'
    return result
  }
  try {
    const committed = await prisma.$transaction(
      async (tx) => {
        steps?.end('begin')
        const result = await work(tx, runLast)
        stage = 'commit'
        steps?.end('write')
        return result
      },
      { maxWait: bounds.transactionMaxWaitMs, timeout: bounds.transactionTimeoutMs },
    )
    steps?.end('commit')
    return committed
  } catch (error) {
    throw new TransactionFailure(isCommitLost(error) ? 'commit' : stage, error)
  }
}

/** Prisma may wrap what the driver says: a commit that is taken for undone would be repeated. */
function isCommitLost(error: unknown): boolean {
  return causesOf(error).some((cause) => cause instanceof CommitLostError)
}
