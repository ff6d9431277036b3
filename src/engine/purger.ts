import type { PrismaClient } from '../generated/prisma/client.ts'
import { purgePiece, type PurgeProgress } from '../store/purge.ts'
import { inTransaction, type TransactionBounds } from './transaction.ts'

/**
 * Removes the rows of deleted events, one piece a transaction. An event that can't be removed, such as one
 * whose counters were tampered with, is gone past, so that it keeps no other: it comes again once all have
 * been gone through.
 *
 * @returns the next piece; `isDone` where there is none
 */
export function createPurger(
  prisma: PrismaClient,
  bounds: TransactionBounds,
): () => Promise<{ isDone: boolean }> {
  let progress: PurgeProgress | null = null
  return async () => {
    const reached: number[] = []
    const onEvent = (eventId: number): void => void reached.push(eventId)
    try {
      progress = await inTransaction(prisma, bounds, (tx) => purgePiece(tx, progress, onEvent))
    } catch (error) {
      const [eventId] = reached
      if (eventId !== undefined) progress = { eventId, afterUserId: null }
      throw error
    }
    return { isDone: progress === null }
  }
}
