import type { Config } from '../config/config.ts'
import { formatApiKey, MAX_USABLE_KEYS, type ApiKeyRecord } from '../domain/api-key.ts'
import { generateApiKey } from '../engine/new-api-key.ts'
import { openClient } from '../store/connections/client.ts'
import { insertKey, revokeKey } from '../store/api-keys.ts'
import { listAllApiKeys, type OperatorQuery } from '../store/reads/api-keys.ts'
import { classifyFailure, sqlStateOf } from '../store/failure.ts'
import type { Sql } from '../store/rows.ts'
import { UsageError, type CliCommand } from './arguments.ts'

/** Where the output goes: what was asked for, and what is said beside it. */
export interface Output {
  readonly print: (line: string) => void
  readonly hint: (line: string) => void
}

export type KeysCommand = Exclude<CliCommand, { type: 'help' }>

/** What could not be done, in one line for people. */
export class CliError extends Error {
  override readonly name = 'CliError'
}

type Client = ReturnType<typeof openClient>['prisma']

const PAGE_SIZE = 100

/**
 * Does what the command line asks for.
 * @throws UsageError, CliError
 */
export async function runKeys(
  command: KeysCommand,
  database: Config['database'],
  output: Output,
): Promise<void> {
  const { prisma, close } = openClient(database)
  try {
    await carryOut(command, prisma, output)
  } catch (error) {
    throw explained(error, database.url)
  } finally {
    await close()
  }
}

async function carryOut(command: KeysCommand, prisma: Client, output: Output): Promise<void> {
  switch (command.type) {
    case 'create':
      await create(command, prisma, output)
      break
    case 'list':
      await list(command.tenantId, prisma, output)
      break
    case 'revoke':
      if (!(await revokeKey(prisma, { id: command.id, tenantId: null }))) {
        throw new CliError(`There is no key with the id ${command.id}`)
      }
      output.hint('Revoked: within 5 seconds no process lets it in any more')
  }
}

async function create(
  request: Extract<CliCommand, { type: 'create' }>,
  prisma: Client,
  { print, hint }: Output,
): Promise<void> {
  const key = generateApiKey()
  const made = await prisma.$transaction((tx) => insertKey(tx, key, request))
  if (made === 'expiry_past') throw new UsageError('--expires must be in the future')
  if (made === 'too_many_keys') {
    throw new CliError(`The tenant has ${MAX_USABLE_KEYS} keys that let somebody in; revoke one`)
  }
  print(formatApiKey(key))
  hint('Keep it: it is not shown again. It is sent as Authorization: Bearer …')
}

async function list(tenantId: string | null, sql: Sql, { print, hint }: Output): Promise<void> {
  let after: OperatorQuery['after'] | null = ['', '']
  while (after !== null) {
    const query: OperatorQuery = { tenantId, after, limit: PAGE_SIZE }
    const { rows, next } = await listAllApiKeys(sql, query)
    if (after[0] === '') hint(rows.length === 0 ? 'There is no key' : COLUMNS.join('\t'))
    for (const key of rows) print(lineOf(key))
    after = next === null ? null : [String(next[0]), String(next[1])]
  }
}

const COLUMNS = ['id', 'tenant', 'scopes', 'created', 'expires', 'last used', 'revoked', 'name']

/** What a terminal would obey, or show as another line or in another order. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu

/** Separated by tabs, which no name keeps: it may have come from elsewhere than from us. */
function lineOf(key: ApiKeyRecord): string {
  const times = [key.createdAt, key.expiresAt, key.lastUsedAt, key.revokedAt]
  const shown = times.map((time) => time?.toISOString() ?? '-')
  return [
    key.id,
    key.tenantId,
    key.scopes.join(','),
    ...shown,
    key.name.replaceAll(CONTROLS, '\ufffd'),
  ].join('\t')
}

/** By SQLSTATE. */
const REASONS: Readonly<Record<string, string>> = {
  '42P01': 'The database has no table for keys: run `npx prisma migrate deploy` first',
  '42501': 'The role of DATABASE_URL may not do that with api_keys; see docs/operations.md',
  '28P01': 'The database does not let the role of DATABASE_URL in',
  '3D000': 'The database that DATABASE_URL names is not there',
}

/** What the database failed with, in our words; anything else, a mistake of ours among it, as it is. */
function explained(error: unknown, url: string): unknown {
  const text = reasonOf(error, url)
  return text === undefined ? error : new CliError(text, { cause: error })
}

/** Never with the URL, which has a password in it. */
function reasonOf(error: unknown, url: string): string | undefined {
  const sqlState = sqlStateOf(error)
  if (sqlState !== undefined) {
    return REASONS[sqlState] ?? `The database refuses, with SQLSTATE ${sqlState}`
  }
  const kind = classifyFailure(error)
  if (kind !== 'unavailable' && kind !== 'out_of_time') return undefined
  return `The database at ${new URL(url).host} does not answer`
}
