import type { Prisma, PrismaClient } from '../../generated/prisma/client.ts'

export interface StopOptions {
  /** How long one statement may take. */
  readonly timeoutMs: number
  /** Set off when the database is to let go of the work. */
  readonly stop: AbortSignal
  /** On other connections than those of the work, one of which is always free soon. */
  readonly stopper: Pick<PrismaClient, '$queryRaw'>
}

/** How much later Prisma gives a transaction up than PostgreSQL ends its statement. */
const GRACE_MS = 500

/**
 * Reads in a transaction that can be stopped from outside, in a way that also works through
 * PgBouncer: what is set and whom to cancel is known for the transaction, not for the session.
 *
 * The connection is not given back before PostgreSQL has the request to cancel: otherwise that
 * could meet somebody else's statement.
 */
export function readStoppable<T>(
  prisma: PrismaClient,
  work: (sql: Prisma.TransactionClient) => Promise<T>,
  { timeoutMs, stop, stopper }: StopOptions,
): Promise<T> {
  const inTransaction = async (tx: Prisma.TransactionClient): Promise<T> => {
    const [session] = await tx.$queryRaw<{ pid: number }[]>`
      SELECT pg_backend_pid() AS pid,
        set_config('statement_timeout', ${String(timeoutMs)}::text, true)`
    stop.throwIfAborted()
    let cancelled: Promise<unknown> | undefined
    const cancel = (): void => {
      cancelled = stopper.$queryRaw`SELECT pg_cancel_backend(${session?.pid}::int)`
      // Then it ends by its timeout.
      cancelled = cancelled.catch(() => undefined)
    }
    stop.addEventListener('abort', cancel)
    try {
      return await work(tx)
    } finally {
      stop.removeEventListener('abort', cancel)
      await cancelled
    }
  }
  const timeout = timeoutMs + GRACE_MS
  return prisma.$transaction(inTransaction, { maxWait: timeoutMs, timeout })
}
