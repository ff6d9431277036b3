import type { FastifyBaseLogger } from 'fastify'
import { clientNetwork, type Client } from '../client-address.ts'
import { WINDOW_MS, type Count, type Counts } from './counts.ts'

declare module 'fastify' {
  interface FastifyInstance {
    failedAuth: FailedAuthLimit
  }
}

/** More are not remembered: who has been blocked for longest is let in again first. */
const MAX_BLOCKED = 10_000

/** Counts by key for all processes together; null where that can't be done now. */
export interface SharedCounter {
  add(key: string): Promise<Count | null>
}

interface Options {
  /** Failures that an address may have in a minute. */
  readonly most: number
  readonly counts: Counts
  readonly shared: SharedCounter | null
  readonly log: FastifyBaseLogger
  /** A clock that never goes back, in milliseconds. */
  readonly now?: () => number
}

/**
 * Limits failed authentication by address, so that nobody can try credentials at will. Whoever
 * succeeds pays nothing for it: while nobody is blocked, no address is even looked at.
 *
 * Failures are counted in this process and, where there is one, in the shared counter. Only who fails
 * here is asked about there: of an address that has failed too often elsewhere, each process looks at
 * one more credential at the most.
 */
export class FailedAuthLimit {
  /** By address; until when. */
  readonly #blocked = new Map<string, number>()
  readonly #options: Options
  readonly #now: () => number

  constructor(options: Options) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /**
   * For how many seconds this client's credentials are not looked at; 0 if they are. To be asked
   * before each look; the answer is then 429 `rate_limited` with that `Retry-After`.
   */
  blockedForSeconds(client: Client): number {
    if (this.#blocked.size === 0) return 0
    const address = clientNetwork(client)
    const until = this.#blocked.get(address)
    if (until === undefined) return 0
    const msLeft = until - this.#now()
    if (msLeft > 0) return Math.ceil(msLeft / 1000)
    this.#blocked.delete(address)
    return 0
  }

  /** To be told of each credential that was looked at and not valid (401). */
  onFailure(client: Client): void {
    const { counts, shared } = this.#options
    const address = clientNetwork(client)
    this.#judge(address, counts.add(address))
    void shared?.add(address).then((count) => {
      if (count !== null) this.#judge(address, count)
    })
  }

  #judge(address: string, { count, msLeft }: Count): void {
    const { most, log } = this.#options
    if (count < most || this.#blocked.has(address)) return
    this.#makeRoom()
    this.#blocked.set(address, this.#now() + Math.min(msLeft, WINDOW_MS))
    log.warn({ client: address, failures: count }, BLOCKED)
  }

  #makeRoom(): void {
    if (this.#blocked.size < MAX_BLOCKED) return
    for (const [address] of this.#blocked) {
      this.#blocked.delete(address)
      return
    }
  }
}

const BLOCKED =
  'too many failed authentications from one address: blocked for up to a minute; if it is the address ' +
  'of your proxy, set TRUST_PROXY'
