import type { Config, MetricsConfig } from './config-type.ts'
import { corsOriginsOf } from './cors-origins.ts'
import { driverUrlOf } from './database-url.ts'
import type { Environment } from './environment-schema.ts'
import { readEnvironment } from './environment.ts'
import { tracesUrl } from './otlp-endpoint.ts'
import { tokenIssuersOf } from './token-issuers.ts'

export type { Config, MetricsConfig } from './config-type.ts'
export { ConfigurationError } from './configuration-error.ts'
export { loadEnvironmentFile } from './environment.ts'

/**
 * Turns environment variables into the configuration; see `readEnvironment`.
 * @throws ConfigurationError
 */
export function loadConfig(variables: NodeJS.ProcessEnv): Config {
  const environment = readEnvironment(variables)
  return freeze({
    environment: environment.NODE_ENV,
    logLevel: environment.LOG_LEVEL,
    http: {
      host: environment.HOST,
      port: environment.PORT,
      basePath: environment.BASE_PATH,
      trustProxy: trustProxyOf(environment.TRUST_PROXY),
      maxConnections: environment.MAX_CONNECTIONS,
      maxPipelinedRequests: environment.MAX_PIPELINED_REQUESTS,
      bodyLimitBytes: environment.BODY_LIMIT_BYTES,
      requestTimeoutMs: environment.REQUEST_TIMEOUT_MS,
      connectionTimeoutMs: environment.CONNECTION_TIMEOUT_MS,
      keepAliveTimeoutMs: environment.KEEP_ALIVE_TIMEOUT_MS,
    },
    documentation: { isOn: environment.DOCUMENTATION === 'on' },
    metrics: metricsOf(environment),
    tracing: tracingOf(environment),
    auth: environment.AUTH,
    limits: {
      requestsPerMinute: environment.RATE_LIMIT_PER_MINUTE ?? null,
      failedAuthPerMinute: environment.FAILED_AUTH_PER_MINUTE,
      redisUrl: environment.REDIS_URL ?? null,
    },
    corsOrigins: corsOriginsOf(environment.CORS_ORIGINS),
    tokens: {
      issuers: tokenIssuersOf(environment),
      keysTimeoutMs: environment.TOKEN_KEYS_TIMEOUT_MS,
    },
    database: {
      url: driverUrlOf(environment.DATABASE_URL),
      poolSize: environment.DATABASE_POOL_SIZE,
      connectTimeoutMs: environment.DATABASE_CONNECT_TIMEOUT_MS,
      lockTimeoutMs: environment.LOCK_TIMEOUT_MS,
      transactionMaxWaitMs: environment.TRANSACTION_MAX_WAIT_MS,
      transactionTimeoutMs: environment.TRANSACTION_TIMEOUT_MS,
    },
    reads: {
      poolSize: environment.DATABASE_READ_POOL_SIZE,
      timeoutMs: environment.READ_TIMEOUT_MS,
      maxWaiting: environment.MAX_WAITING_READS,
      lists: {
        timeoutMs: environment.LIST_TIMEOUT_MS,
        maxWaiting: environment.MAX_WAITING_LISTS,
      },
    },
    groupCommit: {
      lanes: environment.LANES,
      lockWaiters: environment.LOCK_WAITERS,
      maxBatchSize: environment.MAX_BATCH_SIZE,
      maxSettledPerBatch: environment.MAX_SETTLED_PER_BATCH,
      maxQueueLength: environment.MAX_QUEUE_LENGTH,
      commandTimeoutMs: environment.COMMAND_TIMEOUT_MS,
    },
    sweeper: { intervalMs: environment.SWEEP_INTERVAL_MS },
    shutdownTimeoutMs: environment.SHUTDOWN_TIMEOUT_MS,
  })
}

function metricsOf(environment: Environment): MetricsConfig | null {
  const { METRICS, METRICS_PORT: port, METRICS_HOST: host = environment.HOST } = environment
  const isPublic = METRICS === 'public'
  if (port === undefined && !isPublic) return null
  return { own: port === undefined ? null : { host, port }, isPublic }
}

function tracingOf({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }: Environment): Config['tracing'] {
  return endpoint === undefined ? null : { url: tracesUrl(endpoint) }
}

function trustProxyOf(value: string): boolean | number | string[] {
  if (value === 'off' || value === 'on') return value === 'on'
  return /^\d+$/.test(value) ? Number(value) : value.split(/, */)
}

function freeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) freeze(member)
  }
  return Object.freeze(value)
}
