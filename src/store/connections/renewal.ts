import type pg from 'pg'
import { isStalePlan, markStalePlan } from '../causes.ts'

type Report = Pick<pg.DatabaseError, 'code' | 'routine' | 'hint'>

/**
 * SQLSTATEs of what is wrong with the session, and so with all that were opened at its time: a new
 * one is sound. 25006: it only reads, as the server or a default of the database said when it began;
 * 26000: a statement that was prepared is gone, as another server answers now.
 */
const OF_ALL: ReadonlySet<string> = new Set(['25006', '26000'])

/** Of what has befallen one session: a name that is taken, a transaction that is not as we think. */
const OF_ONE = /^(42P05|25P0[12]|08P01|XX)/

/**
 * Parts with sessions that can't do their work any more. Prisma's adapter gives a connection back as
 * sound whatever went wrong on it, and pg keeps the names of its prepared statements: without this
 * the same connection would fail for ever. They are ended when they are given back, the transaction
 * having been rolled back; those that lie idle are fetched for it.
 */
export function renewUnsoundSessions(pool: pg.Pool): void {
  const inUse = new Set<pg.PoolClient>()
  const unsound = new WeakSet<pg.PoolClient>()

  let fetching = 0

  const renewAll = (): void => {
    for (const client of inUse) unsound.add(client)
    for (; fetching < pool.idleCount; fetching += 1) {
      void endIdle(pool).finally(() => {
        fetching -= 1
      })
    }
  }
  pool.on('connect', (client) => {
    // Costs nothing where nothing goes wrong, unlike a look at the result of each query.
    // First, as the report is read by whoever sent the statement.
    client.connection.prependListener('errorMessage', (report: Report) => {
      if (isStalePlan(report)) markStalePlan(report)
      if (isOfAll(report)) renewAll()
      else if (OF_ONE.test(report.code ?? '')) unsound.add(client)
    })
  })
  pool.on('acquire', (client) => inUse.add(client))
  pool.on('release', (_error, client) => {
    inUse.delete(client)
    // Never rejects; the pool drops a client that is ending.
    if (unsound.has(client)) void client.end()
  })
}

function isOfAll(report: Report): boolean {
  return OF_ALL.has(report.code ?? '') || isStalePlan(report)
}

/** Ends a connection that lies idle. One that is opened in its place, as another took it, ends too. */
async function endIdle(pool: pg.Pool): Promise<void> {
  try {
    const client = await pool.connect()
    client.release(true)
  } catch {
    // None can be had, so none lies idle.
  }
}
