import type { Prisma } from '../../src/generated/prisma/client.ts'

type Tx = Prisma.TransactionClient

/** What came of some work, and how many rows it has written: those of cascades and triggers too. */
export async function touching<T>(tx: Tx, work: () => Promise<T>): Promise<[T, number]> {
  const before = await countWritten(tx)
  const result = await work()
  return [result, (await countWritten(tx)) - before]
}

/** Of a session, since it has last reported to the statistics. */
async function countWritten(tx: Tx): Promise<number> {
  const [row] = await tx.$queryRaw<[{ written: number }]>`
    SELECT COALESCE(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::int AS written
    FROM pg_stat_xact_user_tables`
  return row.written
}
