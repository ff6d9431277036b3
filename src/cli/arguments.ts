import { parseArgs } from 'node:util'
import { isScope, isTenantName, SCOPES, type Scope } from '../domain/access.ts'
import { isApiKeyId } from '../domain/api-key.ts'
import { isInstant } from '../http/validation/instant.ts'
import { isKeyName } from '../http/validation/key-name.ts'

/** What the command line asks for. */
export type CliCommand =
  | { readonly type: 'help' }
  | {
      readonly type: 'create'
      readonly tenantId: string
      readonly name: string
      readonly scopes: readonly Scope[]
      readonly expiresAt: Date | null
    }
  | { readonly type: 'list'; readonly tenantId: string | null }
  | { readonly type: 'revoke'; readonly id: string }

/** A command line that is not right. The text says what is wrong, in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** In words, what `isTenantName` asks for. */
const TENANT_RULE = '1 to 63 of a-z, 0-9, _ and -, and begin with a letter or a digit'

export const HELP = `API keys of the service, in the database that DATABASE_URL names.

  keys create --tenant NAME --scopes SCOPE[,SCOPE…] [--name TEXT] [--expires TIME]
      makes a key and prints it: it is shown this once
  keys list [--tenant NAME]
      lists keys, of one tenant or of all
  keys revoke ID
      has the key with this id let nobody in any more

A tenant's name must be ${TENANT_RULE}. Scopes are
${SCOPES.join(', ')};
admin allows everything. A time is like 2027-01-01T00:00:00Z; default: never.

Exit status: 0 done, 1 not done, 2 the command line is not right.`

const DEFAULT_NAME = 'command line'

/** @throws UsageError */
export function readArguments(args: readonly string[]): CliCommand {
  const { values, positionals } = parse(args)
  const [topic, action, ...rest] = positionals
  if (values.help === true || topic === undefined) return { type: 'help' }
  // Not repeated on a screen, here and below: it may be a whole key.
  if (topic !== 'keys') throw new UsageError('The only command is keys; see --help')
  const extra = action === 'revoke' ? rest[1] : rest[0]
  if (extra !== undefined) throw new UsageError('There is one argument too many; see --help')
  switch (action) {
    case 'create':
      return readCreate(values)
    case 'list':
      return { type: 'list', tenantId: values.tenant === undefined ? null : tenantOf(values) }
    case 'revoke':
      return { type: 'revoke', id: keyIdOf(rest[0]) }
    default:
      throw new UsageError('keys needs one of create, list and revoke; see --help')
  }
}

type Values = ReturnType<typeof parse>['values']

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  const options = { tenant: text, scopes: text, name: text, expires: text }
  const help = { type: 'boolean', short: 'h' } as const
  try {
    return parseArgs({ args: [...args], options: { ...options, help }, allowPositionals: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function readCreate(values: Values): CliCommand {
  const { name = DEFAULT_NAME } = values
  if (!isKeyName(name)) {
    throw new UsageError('--name must be 1 to 255 characters without control characters, not blank')
  }
  const [tenantId, scopes] = [tenantOf(values), scopesOf(values)]
  return { type: 'create', tenantId, name, scopes, expiresAt: expiryOf(values) }
}

function tenantOf({ tenant }: Values): string {
  if (tenant === undefined) throw new UsageError('--tenant is required')
  if (isTenantName(tenant)) return tenant
  throw new UsageError(`--tenant must be ${TENANT_RULE}`)
}

function scopesOf({ scopes = '' }: Values): Scope[] {
  const names = [...new Set(scopes.split(/[\s,]+/).filter((name) => name !== ''))]
  const known = names.filter(isScope)
  if (known.length > 0 && known.length === names.length) return known
  throw new UsageError(`--scopes must be some of ${SCOPES.join(', ')}, separated by commas`)
}

function expiryOf({ expires }: Values): Date | null {
  if (expires === undefined) return null
  if (isInstant(expires)) return new Date(expires)
  throw new UsageError('--expires must be a time such as 2027-01-01T00:00:00Z')
}

function keyIdOf(text: string | undefined): string {
  if (text === undefined) throw new UsageError('keys revoke needs the id of a key')
  if (isApiKeyId(text)) return text
  throw new UsageError('The id of a key has 16 characters: the part between rsv_ and the next _')
}
