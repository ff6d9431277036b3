import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

// The same from src/store and dist/store.
const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))

/** The part of the Prisma client that is needed here. */
export interface RawClient {
  $queryRawUnsafe<T>(query: string): Promise<T>
}

/** The names of the migrations that this version of the service needs, in their order. */
export async function knownMigrations(): Promise<string[]> {
  const entries = await readdir(MIGRATIONS, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

/**
 * Which of `known` were not applied to the database. Migrations beyond those are none of our
 * business: a newer version may be about to take over.
 * @throws what the client throws where the database can't be asked
 */
export async function pendingMigrations(
  client: RawClient,
  known: readonly string[],
): Promise<string[]> {
  // Asked first, as a query that names a missing table fails: a fresh database has none.
  const [table] = await client.$queryRawUnsafe<{ present: boolean }[]>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS present`,
  )
  if (table?.present !== true) return [...known]
  const rows = await client.$queryRawUnsafe<{ migration_name: string }[]>(
    `SELECT migration_name FROM _prisma_migrations
      WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
  )
  const applied = new Set(rows.map((row) => row.migration_name))
  return known.filter((name) => !applied.has(name))
}
