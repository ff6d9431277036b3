import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, statfs } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { folderAt } from '../../tools/embedded/folder.ts'
import { startEmbeddedDatabase } from '../../tools/embedded/index.ts'
import { findServer } from '../../tools/embedded/server.ts'
import { databaseUrl, execute } from '../helpers/sql.ts'
import { SCHEMA_OF, type CandidateName } from './candidates/names.ts'
import { ADDED_TO_FIRST } from './candidates/tables.ts'
import { cpuMicrosOfFamily } from './cpu.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const FIRST_MIGRATION = new URL(
  '../../prisma/migrations/20240115000000_init/migration.sql',
  import.meta.url,
)
const TMPFS = 0x01021994

/** What a 201 is worth: the benchmark refuses to run where one of these is off. */
const DURABILITY = ['fsync', 'synchronous_commit', 'full_page_writes'] as const
const ALSO_TOLD = ['server_version', 'wal_sync_method', 'shared_buffers'] as const

export interface Databases {
  /** PostgreSQL's settings that the figures depend on. */
  readonly settings: Readonly<Record<string, string>>
  readonly isOnDisk: boolean
  /** Makes a database with the candidate's tables. */
  create(candidate: CandidateName, name: string): Promise<string>
  /** CPU time that PostgreSQL has taken so far, in microseconds; null where nobody can tell. */
  cpuMicros(): Promise<number | null>
  stop(): Promise<void>
}

/** Starts an embedded PostgreSQL of the run's own, as it comes, with its data in a new folder. */
export async function startDatabases(): Promise<Databases> {
  const folder = await mkdtemp(join(tmpdir(), 'reservation-bench-'))
  const removeFolder = () => rm(folder, { recursive: true, force: true })
  try {
    const dataDir = join(folder, 'postgres')
    const server = await startEmbeddedDatabase({ dataDir })
    const stop = async () => {
      await server.stop()
      await removeFolder()
    }
    try {
      const settings = await durableSettings(server.url)
      const isOnDisk = (await statfs(folder)).type !== TMPFS
      const postmaster = await findServer(folderAt(dataDir))
      return {
        settings,
        isOnDisk,
        create: (...of) => createDatabase(server.url, ...of),
        cpuMicros: async () => (postmaster === null ? null : cpuMicrosOfFamily(postmaster.pid)),
        stop,
      }
    } catch (error) {
      await server.stop()
      throw error
    }
  } catch (error) {
    await removeFolder()
    throw error
  }
}

async function durableSettings(url: string): Promise<Record<string, string>> {
  const settings: Record<string, string> = {}
  for (const name of [...DURABILITY, ...ALSO_TOLD]) {
    const [row] = await execute(url, `SHOW ${name}`)
    settings[name] = String(row?.[name])
  }
  const off = DURABILITY.filter((name) => settings[name] !== 'on')
  if (off.length > 0) throw new Error(`PostgreSQL is not durable: ${off.join(', ')} must be on`)
  return settings
}

async function createDatabase(
  adminUrl: string,
  candidate: CandidateName,
  suffix: string,
): Promise<string> {
  const name = `bench_${suffix.replaceAll('-', '_')}`
  await execute(adminUrl, `CREATE DATABASE ${name}`)
  const url = databaseUrl(adminUrl, name)
  const schema = SCHEMA_OF[candidate]
  if (schema === 'migrated') await deploy(url)
  else await execute(url, `${await readFile(FIRST_MIGRATION, 'utf8')};${ADDED_TO_FIRST[schema]}`)
  return url
}

async function deploy(url: string): Promise<void> {
  const cli = createRequire(import.meta.url).resolve('prisma/build/index.js')
  const env = { ...process.env, DATABASE_URL: url, CHECKPOINT_DISABLE: '1' }
  await promisify(execFile)(process.execPath, [cli, 'migrate', 'deploy'], { cwd: ROOT, env })
}
