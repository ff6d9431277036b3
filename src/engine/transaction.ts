import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import { classifyFailure, type FailureKind } from '../store/failure.ts'
import type { Stage } from './engine-error.ts'
import { KeyTakenError } from '../store/idempotency.ts'

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
    this.kind = cause instanceof KeyTakenError ? 'conflict' : classifyFailure(cause)
  }
}

/** Runs `work` in one interactive transaction. @throws TransactionFailure */
export async function inTransaction<T>(
  prisma: PrismaClient,
  bounds: TransactionBounds,
  work: (tx: Prisma.TransactionClient) => Promise<T>,
): Promise<T> {
  let stage: Stage = 'work'
  try {
    return await prisma.$transaction(
      async (tx) => {
        const result = await work(tx)
        stage = 'commit'
        return result
      },
      { maxWait: bounds.transactionMaxWaitMs, timeout: bounds.transactionTimeoutMs },
    )
  } catch (error) {
    throw new TransactionFailure(stage, error)
  }
}
