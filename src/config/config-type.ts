import type { Environment } from './environment-schema.ts'
import type { TokenIssuer } from './token-issuers.ts'

interface DatabaseConfig {
  url: string
  poolSize: number
  connectTimeoutMs: number
  lockTimeoutMs: number
  transactionMaxWaitMs: number
  transactionTimeoutMs: number
}

/** Where the metrics are served. */
export interface MetricsConfig {
  /** The address of their own; null for none. */
  own: { host: string; port: number } | null
  /** Whether the port of the API has them too. */
  isPublic: boolean
}

interface LimitsConfig {
  /** Requests of one caller; null for no limit. */
  requestsPerMinute: number | null
  /** Requests of one address whose credential is not valid. */
  failedAuthPerMinute: number
  /** Where all processes count together; null where each counts for itself. */
  redisUrl: string | null
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
  /** Null where nothing is measured. */
  metrics: MetricsConfig | null
  /** Where traces are sent; null where nothing is traced. */
  tracing: { url: string } | null
  /** How callers prove who they are; `off`: not at all, and all is the default tenant's. */
  auth: Environment['AUTH']
  limits: LimitsConfig
  /** Other origins whose pages may call the API; empty for none. */
  corsOrigins: 'any' | readonly string[]
  tokens: {
    /** Whose tokens for people are taken. */
    issuers: readonly TokenIssuer[]
    /** How long an issuer may take to show its keys. */
    keysTimeoutMs: number
  }
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
