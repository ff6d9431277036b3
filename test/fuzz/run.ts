import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { buildApp } from '../../src/app.ts'
import { startEmbeddedDatabase } from '../../tools/embedded/index.ts'
import { migrate } from '../../tools/prisma-cli.ts'
import { testConfig } from '../helpers/app.ts'
import { fuzz, type FuzzReport } from './fuzz.ts'
import { createFuzzKey } from './key.ts'

// npm run fuzz -- [--requests N] [--seed S] [--url URL [--database-url URL] [--key KEY]]

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 0x7fff_ffff)) },
    url: { type: 'string' },
    'database-url': { type: 'string' },
    key: { type: 'string' },
  },
})
const requests = wholeNumber('requests', values.requests)
const seed = wholeNumber('seed', values.seed)

print(`SEED=${seed}, ${requests} requests`)
const { url: givenUrl, 'database-url': databaseUrl, key: givenKey } = values
const report =
  givenUrl === undefined
    ? await fuzzOwn()
    : await fuzzAt(givenUrl, { databaseUrl, key: givenKey, mayTurnAway: true })
tell(report)
process.exitCode = report.fault === null ? 0 : 1

/** On a service and a database that are there for this alone. */
async function fuzzOwn(): Promise<FuzzReport> {
  const dataDir = await mkdtemp(join(tmpdir(), 'reservations-fuzz-'))
  const database = await startEmbeddedDatabase({ dataDir })
  try {
    await migrate(database.url)
    const app = await buildApp(testConfig(database.url, { AUTH: 'keys' }))
    const pool = new pg.Pool({ connectionString: database.url })
    try {
      const key = await createFuzzKey(pool)
      const baseUrl = await app.listen({ host: '127.0.0.1', port: 0 })
      return await fuzzAt(baseUrl, { databaseUrl: database.url, key, mayTurnAway: false })
    } finally {
      await pool.end()
      await app.close()
    }
  } finally {
    await database.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

interface Fuzzed {
  readonly databaseUrl: string | undefined
  readonly key: string | undefined
  readonly mayTurnAway: boolean
}

async function fuzzAt(
  baseUrl: string,
  { databaseUrl: database, key, mayTurnAway }: Fuzzed,
): Promise<FuzzReport> {
  const pool = database === undefined ? null : new pg.Pool({ connectionString: database })
  if (pool === null) print('Without --database-url it is not seen what refused requests change')
  const onProgress = (sent: number): void => {
    if (sent % 2000 === 0) print(`${sent} requests`)
  }
  try {
    const options = { baseUrl, requests, seed, pool, mayTurnAway, onProgress }
    return await fuzz(key === undefined ? options : { ...options, key })
  } finally {
    await pool?.end()
  }
}

function tell({ sent, fault, statuses, withoutSuccess }: FuzzReport): void {
  const counts = [...statuses].sort(([a], [b]) => a - b)
  print(`${sent} answers: ${counts.map(([status, count]) => `${status} ${count}×`).join(', ')}`)
  if (withoutSuccess.length > 0) print(`Without a success: ${withoutSuccess.join(', ')}`)
  if (fault === null) return
  print(`FAULT in ${fault.text}`)
  print(`  ${fault.curl}`)
  print(`Repeat the run: npm run fuzz -- --seed ${seed} --requests ${sent}`)
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new RangeError(`--${name} must be a whole number, not ${text}`)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
