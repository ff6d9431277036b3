import { once } from 'node:events'
import type { FastifyBaseLogger } from 'fastify'
import type { Redis, RedisOptions } from 'ioredis'
import { WINDOW_MS, type Count } from './counts.ts'
import type { SharedCounter } from './failed-auth.ts'

/** The longest that a request waits for Redis, and the start for its connection. */
const DEADLINE_MS = 500

/** So long Redis is left alone after it has failed to answer; then one request finds out. */
const PAUSE_MS = 5000

const CONNECTED: readonly string[] = ['connecting', 'connect', 'ready']

const OPTIONS = {
  lazyConnect: true,
  connectTimeout: DEADLINE_MS,
  commandTimeout: DEADLINE_MS,
  // A connection that has gone silent is given up: TCP by itself would take a quarter of an hour.
  socketTimeout: 2 * DEADLINE_MS,
  disconnectTimeout: DEADLINE_MS,
  // What can't be asked now is not asked: nothing gathers, and nothing is counted late or twice.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 10), PAUSE_MS),
} satisfies RedisOptions

const LOST = new Error('The connection is closed')

// In one step: a counter without an end would block for ever.
const ADD = `
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  left = tonumber(ARGV[1])
  redis.call('PEXPIRE', KEYS[1], left)
end
return { count, left }`

/**
 * Counts by key for all processes, in Redis, in windows that begin with the first count. Where Redis is
 * gone or silent, nothing waits for it but what had been asked by then, for half a second at most, and
 * afterwards one request every five seconds. The log has one line when it goes, and one when it is back.
 */
export class SharedCounts {
  readonly #redis: Redis
  readonly #log: FastifyBaseLogger
  #isGone = false
  #pauseEndsAtMs = 0

  private constructor(redis: Redis, log: FastifyBaseLogger) {
    this.#redis = redis
    this.#log = log
    // What is raised beside a command: most of all, that there is no connection.
    redis.on('error', this.#onFailure)
    redis.on('close', this.#onLoss)
    redis.on('ready', this.#endPause)
  }

  /** Loads the driver; connects in the background, for as long as it takes. Waits for half a second. */
  static async open(url: string, log: FastifyBaseLogger): Promise<SharedCounts> {
    const { Redis } = await import('ioredis')
    const redis = new Redis(url, OPTIONS)
    const counts = new SharedCounts(redis, log)
    // Why it fails is said by the event.
    await redis.connect().catch(() => undefined)
    return counts
  }

  /** The counter of one kind of things. Never fails. */
  under(kind: string): SharedCounter {
    return { add: (key) => this.#add(`reservations ${kind} ${key}`) }
  }

  async #add(key: string): Promise<Count | null> {
    if (!this.#mayAsk()) return null
    try {
      const answer = await this.#redis.eval(ADD, 1, key, WINDOW_MS)
      const count = countOf(answer)
      this.#onSuccess()
      return count
    } catch (error) {
      this.#pauseEndsAtMs = performance.now() + PAUSE_MS
      this.#onFailure(error)
      return null
    }
  }

  /** Ends the connection. To be called when nothing counts any more. */
  async close(): Promise<void> {
    this.#redis.off('close', this.#onLoss)
    this.#redis.off('error', this.#onFailure).on('error', () => undefined)
    const isConnected = CONNECTED.includes(this.#redis.status)
    const signal = AbortSignal.timeout(2 * DEADLINE_MS)
    const ended = isConnected ? once(this.#redis, 'end', { signal }) : undefined
    this.#redis.disconnect()
    // Only what has a connection tells when it has ended.
    await ended?.catch(() => undefined)
  }

  #mayAsk(): boolean {
    if (this.#redis.status !== 'ready') return false
    if (this.#pauseEndsAtMs === 0) return true
    const nowMs = performance.now()
    if (nowMs < this.#pauseEndsAtMs) return false
    // This one asks; the others go on without until it has an answer.
    this.#pauseEndsAtMs = nowMs + PAUSE_MS
    return true
  }

  readonly #endPause = (): void => {
    this.#pauseEndsAtMs = 0
  }

  #onSuccess(): void {
    this.#endPause()
    if (this.#isGone) this.#log.info('Redis is back: the processes count together again')
    this.#isGone = false
  }

  readonly #onLoss = (): void => {
    this.#onFailure(LOST)
  }

  readonly #onFailure = (error: unknown): void => {
    if (this.#isGone) return
    this.#isGone = true
    // Its text alone: the driver's errors carry the command, which may be AUTH with the password.
    const reason = error instanceof Error ? error.message : 'unknown'
    this.#log.warn({ reason }, 'Redis does not answer: each process counts for itself meanwhile')
  }
}

function countOf(answer: unknown): Count {
  const numbers: readonly unknown[] = Array.isArray(answer) ? answer : []
  const [count, msLeft] = numbers
  if (typeof count === 'number' && typeof msLeft === 'number') return { count, msLeft }
  throw new Error('Redis has answered something else than two numbers')
}
