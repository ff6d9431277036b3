import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { projectDir, readRunState } from '../helpers/run-state.ts'
import { run } from './run.ts'

const here = join(projectDir, 'test/clients')
const OFFLINE = /code (ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|E\w*TIMEDOUT)/

/** The packages of this folder, which are installed on first use. */
export const packagesDir = join(here, 'node_modules')

/**
 * Installs the packages where they are missing or older than the lock file.
 * @returns why the tests must be skipped: the registry is out of reach; else false
 * @throws where npm fails for another reason
 */
export async function installPackages(): Promise<string | false> {
  const { adminUrl } = await readRunState()
  // Test files run side by side, and the database is what they share. The lock ends with its session.
  const client = new pg.Client(adminUrl)
  await client.connect()
  try {
    await client.query(`SELECT pg_advisory_lock(hashtext('test/clients'))`)
    if (await areInstalled()) return false
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=1']
    const { failed, output } = await run(here, 'npm', 'ci', ...flags)
    if (!failed) return false
    if (OFFLINE.test(output)) return 'npm ci in test/clients/ does not reach the registry'
    throw new Error(output)
  } finally {
    await client.end()
  }
}

/** npm writes a lock file of what is there at the end of an install. */
async function areInstalled(): Promise<boolean> {
  const wanted = await stat(join(here, 'package-lock.json'))
  const present = await stat(join(packagesDir, '.package-lock.json')).catch(() => null)
  return present !== null && present.mtimeMs >= wanted.mtimeMs
}
