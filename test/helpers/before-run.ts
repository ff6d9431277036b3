import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { startEmbeddedDatabase } from '../../tools/embedded/index.ts'
import { migrate } from '../../tools/prisma-cli.ts'
import { cleanUpRun } from './clean-up.ts'
import { buildPrograms } from './programs.ts'
import {
  abandonedRuns,
  createRun,
  dataDirOf,
  ownRun,
  projectDir,
  writeRunState,
} from './run-state.ts'
import { databaseUrl, execute } from './sql.ts'

// Runs once before all test files. Provides a server: the one that DATABASE_URL names, in the
// environment or in .env.test; else an embedded one, for this run alone. On it a migrated template
// is made, of which the test files clone their databases. Compiles what they start as processes.

const envFile = join(projectDir, '.env.test')
if (existsSync(envFile)) process.loadEnvFile(envFile)

for (const run of await abandonedRuns()) await cleanUpRun(run)

const run = await ownRun()
await createRun(run)
await buildPrograms(run)
// The embedded server runs on when this process ends, until after-run.ts stops it.
const adminUrl =
  process.env.DATABASE_URL || (await startEmbeddedDatabase({ dataDir: dataDirOf(run) })).url
const template = `reservation_test_${randomBytes(4).toString('hex')}`
await writeRunState(run, { adminUrl, template })
await execute(adminUrl, `CREATE DATABASE ${template}`)
// tap measures the coverage of what is started before the run, also where it is told not to.
await migrate(databaseUrl(adminUrl, template), { env: { _TAPJS_PROCESSINFO_COVERAGE_: '0' } })
