import type { PrismaClient } from '../generated/prisma/client.ts'
import { purgePiece, type PurgeProgress } from '../store/purge.ts'
import { inTransaction, type TransactionBounds } from './transaction.ts'

/**
 * Removes the rows of deleted events, one piece a transaction.
 *
 * @returns the next piece; `isDone` where there is none
 */
export function createPurger(
  prisma: PrismaClient,
  bounds: TransactionBounds,
): () => Promise<{ isDone: boolean }> {
  let progress: PurgeProgress | null = null
  return async () => {
    progress = await inTransaction(prisma, bounds, (tx) => purgePiece(tx, progress))
    return { isDone: progress === null }
  }
}
