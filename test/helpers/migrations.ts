import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { projectDir } from './run-state.ts'

/** Runs those of the migrations whose names are wanted, in their order. */
export async function migrate(pool: pg.Pool, isWanted: (name: string) => boolean): Promise<void> {
  const folder = join(projectDir, 'prisma/migrations')
  const names = (await readdir(folder)).filter((name) => /^\d/.test(name)).sort()
  for (const name of names.filter(isWanted)) {
    await pool.query(await readFile(join(folder, name, 'migration.sql'), 'utf8'))
  }
}
