import { readArguments } from '../src/cli/arguments.ts'
import { loadEnvironmentFile } from '../src/config/config.ts'
import { reportFatal } from '../src/report.ts'
import { DATA_DIR } from './development-database.ts'
import { runningDatabaseUrl } from './embedded/index.ts'

// What `npm run keys` runs: the service's command line, on the embedded database of an `npm start` or
// `npm run dev` that is running, where DATABASE_URL names no other.

const NOT_RUNNING =
  'DATABASE_URL is not set, and no embedded database runs: start one with `npm start`, or set it'

try {
  loadEnvironmentFile()
  if (!process.env.DATABASE_URL && needsDatabase()) {
    const url = await runningDatabaseUrl(DATA_DIR)
    if (url === null) throw new Error(NOT_RUNNING)
    process.env.DATABASE_URL = url
  }
  await import('../src/cli.ts')
} catch (error) {
  reportFatal(error)
  process.exitCode = 1
}

function needsDatabase(): boolean {
  try {
    return readArguments(process.argv.slice(2)).type !== 'help'
  } catch {
    // The command line itself says what is wrong.
    return false
  }
}
