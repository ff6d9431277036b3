import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startEmbeddedDatabase } from './embedded/index.ts'

// Whether the migrations lead to what schema.prisma says: they are applied to an empty embedded
// PostgreSQL, and the tables that come out are compared with the schema. Exits with 1 where they
// differ. CHECK constraints, triggers and functions are not Prisma's business and not compared.

const PROJECT = fileURLToPath(new URL('..', import.meta.url))
const PRISMA_CLI = createRequire(import.meta.url).resolve('prisma/build/index.js')

// Ctrl-C ends the CLI below, and so this, but not before the database is stopped.
process.on('SIGINT', () => undefined)

const dir = await mkdtemp(join(tmpdir(), 'reservation-schema-'))
try {
  const database = await startEmbeddedDatabase({ dataDir: join(dir, 'postgres') })
  try {
    process.exitCode = await check(database.url)
  } finally {
    await database.stop()
  }
} finally {
  await rm(dir, { recursive: true, force: true })
}

/** Gives the exit status, having said what is wrong. */
async function check(url: string): Promise<number> {
  if ((await prisma(url, ['migrate', 'deploy'])) !== 0) {
    console.error('The migrations cannot be applied to an empty database.')
    return 1
  }
  const compare = ['--from-config-datasource', '--to-schema', 'prisma/schema.prisma']
  const status = await prisma(url, ['migrate', 'diff', ...compare, '--exit-code'])
  // 0: the same, 2: not the same, anything else: not compared.
  if (status === 0) return 0
  if (status === 2) {
    console.error('The migrations do not lead to prisma/schema.prisma: `npm run db:migrate` adds')
    console.error('the migration that is missing.')
  }
  return 1
}

/** Runs the Prisma CLI on a database; gives its exit status. */
async function prisma(url: string, args: readonly string[]): Promise<number | null> {
  const child = spawn(process.execPath, [PRISMA_CLI, ...args], {
    cwd: PROJECT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      DATABASE_URL: url,
      // The CLI would ask its maker's host for news.
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
  })
  await once(child, 'exit')
  return child.exitCode
}
