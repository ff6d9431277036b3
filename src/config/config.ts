import type { Environment } from './environment-schema.ts'
import { driverUrlOf } from './database-url.ts'
import { readEnvironment } from './environment.ts'

export { ConfigurationError } from './configuration-error.ts'
export { loadEnvironmentFile } from './environment.ts'

interface DatabaseConfig {
  url: string
  poolSize: number
  connectTimeoutMs: number
  lockTimeoutMs: number
  transactionMaxWaitMs: number
  transactionTimeoutMs: number
}

/** The configuration of the process: plain, frozen, read once. Names end in their units. */
export interface Config {
  environment: Environment['NODE_ENV']
  logLevel: Environment['LOG_LEVEL']
  http: {
    host: string
    port: number
    /** The path under which a proxy shows the service; empty where it is the proxy's root. */
    basePath: string
    /** Whose `X-Forwarded-…` headers are believed: Fastify's own option. */
    trustProxy: boolean | number | string[]
    maxConnections: number
    /** Requests of one connection, parsed and without a whole answer; one of them is at work. */
    maxPipelinedRequests: number
    bodyLimitBytes: number
    requestTimeoutMs: number
    connectionTimeoutMs: number
    keepAliveTimeoutMs: number
  }
  documentation: { isOn: boolean }
  database: DatabaseConfig
  reads: {
    poolSize: number
    timeoutMs: number
    maxWaiting: number
    /** Pages of lists, which stand in line apart. */
    lists: { timeoutMs: number; maxWaiting: number }
  }
  groupCommit: {
    lanes: number
    lockWaiters: number
    maxBatchSize: number
    maxSettledPerBatch: number
    maxQueueLength: number
    commandTimeoutMs: number
  }
  sweeper: {
    intervalMs: number
  }
  shutdownTimeoutMs: number
}

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
