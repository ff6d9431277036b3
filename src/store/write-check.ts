import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import { classifyFailure, sqlStateOf } from './failure.ts'
import type { FailureKind } from './failure-kinds.ts'

/** Rows of each table that a probe writes: too many for the room that is left in their last pages. */
const PROBE_ROWS = 400
/** Characters of a user's name, a key or a change in them. */
const PROBE_WIDTH = 150
/** The ids of a probe are the last ones that there are, so many for each session. */
const MAX_ID = Number.MAX_SAFE_INTEGER
const PROBE_TIMEOUT_MS = 5_000

/**
 * Asks for a lock that only a server gives which takes writes. Nothing is written or locked.
 * @throws what the client throws, such as SQLSTATE 25006 where the server only reads
 */
export async function assertWritable(prisma: PrismaClient): Promise<void> {
  try {
    await prisma.$queryRaw`SELECT id FROM events LIMIT 0 FOR UPDATE`
  } catch (error) {
    // The table is locked, by a migration for instance: that says nothing against the server.
    if (classifyFailure(error) !== 'lock_timeout') throw error
  }
}

/**
 * Writes an event with bookings and history, and undoes it. There are enough of them for the tables
 * and their indexes to grow by some pages, which a full disk refuses; autovacuum takes those back.
 * A table that takes no such rows, for a rule of the operator's, is left out: it says nothing of
 * room.
 * @throws what the client throws where there is no room, or no answer
 */
export async function probeWrites(prisma: PrismaClient): Promise<void> {
  try {
    await prisma.$transaction(
      async (tx) => {
        // No id is drawn for it, and no two sessions have the same.
        const [{ pid }] = await tx.$queryRaw<[{ pid: number }]>`SELECT pg_backend_pid() AS pid`
        for (const statement of probesOf(pid)) await tryOut(tx, statement)
        throw new Undone()
      },
      { maxWait: PROBE_TIMEOUT_MS, timeout: PROBE_TIMEOUT_MS },
    )
  } catch (error) {
    if (!(error instanceof Undone)) throw error
  }
}

class Undone extends Error {}

async function tryOut(tx: Prisma.TransactionClient, statement: Prisma.Sql): Promise<void> {
  await tx.$executeRaw`SAVEPOINT probe`
  try {
    await tx.$executeRaw(statement)
  } catch (error) {
    if (!isOfRows(error)) throw error
    await tx.$executeRaw`ROLLBACK TO SAVEPOINT probe`
  }
}

const OF_ROWS: ReadonlySet<FailureKind> = new Set<FailureKind>([
  'refused_data',
  'data_fault',
  'forbidden',
  'unknown',
])

/** Whether the rows were refused for what they are, by a rule, a trigger or a missing privilege. */
function isOfRows(error: unknown): boolean {
  if (sqlStateOf(error) === undefined) return false
  const kind = classifyFailure(error)
  return OF_ROWS.has(kind)
}

/** A row that others refer to comes first. */
function probesOf(pid: number): Prisma.Sql[] {
  const wide = Prisma.sql`repeat('x', ${PROBE_WIDTH}::int) || n`
  const rows = Prisma.sql`generate_series(1, ${PROBE_ROWS}::int) AS n`
  return [
    Prisma.sql`
      INSERT INTO events (id, name, total_seats) VALUES (${-pid}::int, 'probe', ${PROBE_ROWS}::int)`,
    Prisma.sql`
      INSERT INTO bookings (id, event_id, user_id)
      SELECT ${MAX_ID}::bigint - ${pid}::bigint * ${PROBE_ROWS}::int - n, ${-pid}::int, ${wide} FROM ${rows}`,
    Prisma.sql`
      INSERT INTO event_history (event_id, first_sequence, last_sequence, at, changes)
      SELECT ${-pid}::int, n, n, now(), json_build_array(${wide}) FROM ${rows}`,
    Prisma.sql`
      INSERT INTO idempotency_keys (key, fingerprint, response)
      SELECT ${`probe ${pid} `}::text || n, ${wide}, 'null' FROM ${rows}`,
  ]
}
