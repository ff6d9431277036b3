import { Type, type Static } from '@sinclair/typebox'

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

  DATABASE_URL: Type.String(),
  DATABASE_POOL_SIZE: Type.Integer({ minimum: 1, maximum: 1000, default: 10 }),
  DATABASE_CONNECT_TIMEOUT_MS: milliseconds(2000),
  LOCK_TIMEOUT_MS: milliseconds(2000),
  TRANSACTION_MAX_WAIT_MS: milliseconds(2000),
  TRANSACTION_TIMEOUT_MS: milliseconds(5000),

  DATABASE_READ_POOL_SIZE: Type.Integer({ minimum: 1, maximum: 1000, default: 4 }),
  READ_TIMEOUT_MS: milliseconds(5000),
  MAX_WAITING_READS: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 1000 }),

  LANES: Type.Integer({ minimum: 1, maximum: 1000, default: 2 }),
  LOCK_WAITERS: Type.Integer({ minimum: 1, maximum: 1000, default: 4 }),
  MAX_BATCH_SIZE: Type.Integer({ minimum: 1, maximum: 10_000, default: 512 }),
  MAX_SETTLED_PER_BATCH: Type.Integer({ minimum: 1, maximum: 10_000, default: 500 }),
  MAX_QUEUE_LENGTH: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 10_000 }),
  COMMAND_TIMEOUT_MS: milliseconds(5000),

  SWEEP_INTERVAL_MS: milliseconds(1000),

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
