import proxyAddress from '@fastify/proxy-addr'
import { Ajv } from 'ajv'
import { envSchema } from 'env-schema'
import { ConfigurationError } from './configuration-error.ts'
import { assertDatabaseUrl } from './database-url.ts'
import { assertOtlpEndpoint } from './otlp-endpoint.ts'
import { assertRedisUrl } from './redis-url.ts'
import { environmentSchema, type Environment } from './environment-schema.ts'
import { describeRule, RULE_KEYWORD } from './describe-rule.ts'

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
  assertDatabaseUrl(environment.DATABASE_URL)
  assertRedisUrl(environment.REDIS_URL)
  assertOtlpEndpoint(environment.OTEL_EXPORTER_OTLP_ENDPOINT)
  assertAddresses(environment)
  assertConsistent(environment)
  assertMetrics(environment)
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
      ajv: new Ajv({ coerceTypes: true, useDefaults: true, keywords: [RULE_KEYWORD] }),
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

/** What looks like addresses need not be any: `1.2.3.4.5` for instance. */
function assertAddresses({ TRUST_PROXY: value }: Environment): void {
  if (/^(off|on|\d{1,2})$/.test(value)) return
  try {
    proxyAddress.compile(value.split(/, */))
  } catch (error) {
    const text = `TRUST_PROXY must name IP addresses or subnets, not ${JSON.stringify(value)}`
    throw new ConfigurationError(text, { cause: error })
  }
}

/**
 * Connections for commands that no batch can hold while it waits for locks: look-ups, plain refusals, the
 * sweeper, API keys and probes share them.
 */
const BESIDE_BATCHES = 2

function assertConsistent(environment: Environment): void {
  const { DATABASE_POOL_SIZE, LANES, LOCK_WAITERS, LOCK_TIMEOUT_MS } = environment
  // Each holds a connection; the others share what is left.
  if (DATABASE_POOL_SIZE < LANES + LOCK_WAITERS + BESIDE_BATCHES) {
    const least = `LANES + LOCK_WAITERS + ${BESIDE_BATCHES}`
    throw new ConfigurationError(`DATABASE_POOL_SIZE must be at least ${least}`)
  }
  for (const name of ['TRANSACTION_TIMEOUT_MS', 'COMMAND_TIMEOUT_MS'] as const) {
    if (environment[name] <= LOCK_TIMEOUT_MS) {
      throw new ConfigurationError(`${name} must be more than LOCK_TIMEOUT_MS`)
    }
  }
}

function assertMetrics({ HOST, PORT, METRICS_HOST = HOST, METRICS_PORT }: Environment): void {
  if (METRICS_PORT === undefined && METRICS_HOST !== HOST) {
    throw new ConfigurationError('METRICS_HOST needs a METRICS_PORT')
  }
  if (PORT !== 0 && METRICS_PORT === PORT && areOneHost(METRICS_HOST, HOST)) {
    throw new ConfigurationError('METRICS_PORT must not be PORT; METRICS=public serves both there')
  }
}

/** Whether one port can't be listened on at both: they are the same, or one takes in the other. */
function areOneHost(one: string, other: string): boolean {
  const hosts = [one.toLowerCase(), other.toLowerCase()] as const
  if (hosts[0] === hosts[1] || hosts.includes('::')) return true
  // All addresses of IPv4, which has no colons.
  return hosts.includes('0.0.0.0') && !hosts.some((host) => host.includes(':'))
}
