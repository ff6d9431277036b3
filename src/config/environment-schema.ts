import { Type, type Static } from '@sinclair/typebox'
import { RULE_KEYWORD } from './describe-rule.ts'

// The longest delay that Node's timers take; a longer one would fire at once.
const MAX_TIMER_MS = 2_147_483_647

const NODE_ENVS = ['development', 'test', 'production'] as const
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** The environment variables the service reads, with their defaults and bounds. */
export const environmentSchema = Type.Object({
  NODE_ENV: oneOf(NODE_ENVS, 'development'),
  HOST: Type.String({ default: 'localhost' }),
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 8000 }),
  LOG_LEVEL: oneOf(LOG_LEVELS, 'info'),
  BASE_PATH: Type.String({
    // Clients resolve the segments . and .. away (RFC 3986, section 5.2.4).
    pattern: '^(/(?!\\.{1,2}(/|$))[A-Za-z0-9._~-]+)*$',
    [RULE_KEYWORD]:
      'a path such as /reservations, without a slash at its end and without segments . and ..',
    default: '',
  }),
  TRUST_PROXY: Type.String({
    pattern: '^(off|on|[1-9][0-9]?|[0-9A-Fa-f.:/]+(, *[0-9A-Fa-f.:/]+)*)$',
    [RULE_KEYWORD]: 'off, on, a number of proxies, or their addresses separated by commas',
    default: 'off',
  }),
  DOCUMENTATION: oneOf(['on', 'off'], 'on'),
  METRICS: oneOf(['private', 'public'], 'private'),
  METRICS_HOST: Type.Optional(Type.String()),
  METRICS_PORT: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
  // The standard's own name, as are those of OTEL_SERVICE_NAME and the like, which the SDK reads itself.
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(Type.String()),
  AUTH: oneOf(['keys', 'off'], 'keys'),
  // Its members are checked in token-issuers.ts.
  TOKEN_ISSUERS: Type.String({ default: '[]' }),
  TOKEN_KEYS_TIMEOUT_MS: milliseconds(2000),

  RATE_LIMIT_PER_MINUTE: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  FAILED_AUTH_PER_MINUTE: Type.Integer({ minimum: 1, maximum: 10_000, default: 60 }),
  REDIS_URL: Type.Optional(Type.String()),
  CORS_ORIGINS: Type.Optional(Type.String()),

  DATABASE_URL: Type.String(),
  DATABASE_POOL_SIZE: Type.Integer({ minimum: 1, maximum: 1000, default: 10 }),
  DATABASE_CONNECT_TIMEOUT_MS: milliseconds(2000),
  LOCK_TIMEOUT_MS: milliseconds(2000),
  TRANSACTION_MAX_WAIT_MS: milliseconds(2000),
  TRANSACTION_TIMEOUT_MS: milliseconds(5000),

  DATABASE_READ_POOL_SIZE: Type.Integer({ minimum: 5, maximum: 1000, default: 5 }),
  READ_TIMEOUT_MS: milliseconds(5000),
  MAX_WAITING_READS: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 40_000 }),
  LIST_TIMEOUT_MS: milliseconds(2000),
  MAX_WAITING_LISTS: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 500 }),

  LANES: Type.Integer({ minimum: 1, maximum: 1000, default: 2 }),
  LOCK_WAITERS: Type.Integer({ minimum: 1, maximum: 1000, default: 4 }),
  MAX_BATCH_SIZE: Type.Integer({ minimum: 1, maximum: 10_000, default: 512 }),
  MAX_SETTLED_PER_BATCH: Type.Integer({ minimum: 1, maximum: 10_000, default: 500 }),
  MAX_QUEUE_LENGTH: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 40_000 }),
  COMMAND_TIMEOUT_MS: milliseconds(5000),

  SWEEP_INTERVAL_MS: milliseconds(1000),

  MAX_CONNECTIONS: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 12_000 }),
  MAX_PIPELINED_REQUESTS: Type.Integer({ minimum: 1, maximum: 10_000, default: 32 }),
  BODY_LIMIT_BYTES: Type.Integer({ minimum: 1, maximum: 16_777_216, default: 65_536 }),
  REQUEST_TIMEOUT_MS: milliseconds(10_000),
  CONNECTION_TIMEOUT_MS: milliseconds(60_000),
  KEEP_ALIVE_TIMEOUT_MS: milliseconds(72_000),
  SHUTDOWN_TIMEOUT_MS: milliseconds(10_000),
})

export type Environment = Static<typeof environmentSchema>

function milliseconds(value: number) {
  return Type.Integer({ minimum: 1, maximum: MAX_TIMER_MS, default: value })
}

function oneOf<const T extends readonly string[]>(values: T, value: T[number]) {
  return Type.Unsafe<T[number]>({ type: 'string', enum: values, default: value })
}
