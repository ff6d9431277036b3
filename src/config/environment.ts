import { envSchema } from 'env-schema'
import { environmentSchema, type Environment } from './environment-schema.ts'
import { describeRule } from './describe-rule.ts'

/** One line that names the variable and its rule; carries no secret. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

/** Reads `.env` in the working directory if there is one. The real environment wins. */
export function loadEnvironmentFile(): void {
  try {
    process.loadEnvFile()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return
    throw new ConfigurationError('.env cannot be read', { cause: error })
  }
}

/**
 * The variables that the service reads, typed, with their defaults. Does not change its argument.
 * A variable set to the empty string counts as not set: Compose files and shells leave it that way.
 * @throws ConfigurationError
 */
export function readEnvironment(variables: NodeJS.ProcessEnv): Environment {
  const environment = parse(variables)
  assertDatabaseUrl(environment)
  assertConsistent(environment)
  return environment
}

function parse(variables: NodeJS.ProcessEnv): Environment {
  const names = Object.keys(environmentSchema.properties)
  const given = names.flatMap((name) => {
    const value = variables[name]
    return value === undefined || value === '' ? [] : [[name, value] as const]
  })
  const data: Record<string, string> = Object.fromEntries(given)
  try {
    return envSchema<Environment>({
      schema: environmentSchema,
      data,
      env: false,
    })
  } catch (error) {
    throw new ConfigurationError(explain(error, data), { cause: error })
  }
}

function explain(error: unknown, data: Record<string, string>): string {
  if (!('DATABASE_URL' in data)) return 'DATABASE_URL must be set'
  const path = firstInstancePath(error)
  const name = Object.keys(environmentSchema.properties).find((known) => path === `/${known}`)
  if (name === undefined) return 'The environment is not valid'
  const schema = Object.entries(environmentSchema.properties).find(([known]) => known === name)?.[1]
  return `${name} must be ${describeRule(schema ?? {})}, not ${JSON.stringify(data[name])}`
}

function firstInstancePath(error: unknown): unknown {
  if (!(error instanceof Error) || !('errors' in error) || !Array.isArray(error.errors)) return null
  const first: unknown = error.errors[0]
  return typeof first === 'object' && first !== null && 'instancePath' in first
    ? first.instancePath
    : null
}

// The messages never repeat the URL: it holds a password.
function assertDatabaseUrl({ DATABASE_URL: value }: Environment): void {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url?.protocol !== 'postgres:' && url?.protocol !== 'postgresql:') {
    throw new ConfigurationError(
      'DATABASE_URL must be a URL of the form postgresql://user:password@host:5432/database',
    )
  }
  if (url.pathname.length < 2) throw new ConfigurationError('DATABASE_URL must name a database')
  if (!isPercentEncoded(url.username + url.password + url.pathname)) {
    throw new ConfigurationError('DATABASE_URL must have % written as %25 in user and password')
  }
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

function assertConsistent(environment: Environment): void {
  const { DATABASE_POOL_SIZE, LANES, LOCK_WAITERS, LOCK_TIMEOUT_MS } = environment
  // Each holds a connection; the others share what is left.
  if (DATABASE_POOL_SIZE <= LANES + LOCK_WAITERS) {
    throw new ConfigurationError('DATABASE_POOL_SIZE must be more than LANES + LOCK_WAITERS')
  }
  for (const name of ['TRANSACTION_TIMEOUT_MS', 'COMMAND_TIMEOUT_MS'] as const) {
    if (environment[name] <= LOCK_TIMEOUT_MS) {
      throw new ConfigurationError(`${name} must be more than LOCK_TIMEOUT_MS`)
    }
  }
}
