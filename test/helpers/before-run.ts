import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedDatabase } from '../../tools/embedded/index.ts'
import { cleanUpRun } from './clean-up.ts'
import { runPrisma } from './cli.ts'
import { abandonedRuns, projectDir, writeRunState } from './run-state.ts'
import { databaseUrl, execute } from './sql.ts'

// Runs once before all test files. Provides a server: the one that DATABASE_URL names, in the
// environment or in .env.test; else an embedded one, for this run alone. On it a migrated template
// is made, of which the test files clone their databases.

const envFile = join(projectDir, '.env.test')
if (existsSync(envFile)) process.loadEnvFile(envFile)

for (const run of await abandonedRuns()) await cleanUpRun(run)

const named = process.env.DATABASE_URL
const embeddedDir = named ? null : await mkdtemp(join(tmpdir(), 'reservation-test-'))
const adminUrl = named ?? (await startIn(embeddedDir ?? tmpdir()))
const template = `reservation_test_${randomBytes(4).toString('hex')}`
await writeRunState({ adminUrl, template, embeddedDir })
await execute(adminUrl, `CREATE DATABASE ${template}`)
await runPrisma(databaseUrl(adminUrl, template), ['migrate', 'deploy'])
// Not by stop(): the server is to outlive this process, until after-run.ts.
process.exit()

async function startIn(dir: string): Promise<string> {
  const database = await startEmbeddedDatabase({ dataDir: join(dir, 'postgres') })
  return database.url
}
