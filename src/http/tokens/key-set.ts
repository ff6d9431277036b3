import {
  createLocalJWKSet,
  errors,
  type CryptoKey,
  type JSONWebKeySet,
  type JWTHeaderParameters,
} from 'jose'
import { HttpError } from '../errors.ts'
import type { RequestTrace } from '../request-trace.ts'

/** From this age on, keys are fetched anew while those at hand are used. */
const REFRESH_AFTER_MS = 300_000

/** From this age on, whoever needs a key waits for the new ones: one that was revoked works no longer. */
const WAIT_AFTER_MS = 600_000

/** How long keys are used, from when they came, while their issuer can't be reached. */
const STALE_AFTER_MS = 3_600_000

/** Least time from one fetch to the next: tokens that name keys which nobody has are free to make. */
const PAUSE_MS = 30_000

/** The same where there is no key to go on with. */
const PAUSE_WITHOUT_KEYS_MS = 5_000

interface KnownKeys {
  readonly find: (header: JWTHeaderParameters) => Promise<CryptoKey>
  readonly fetchedAtMs: number
}

export interface KeySetOptions {
  /** @throws Error where they can't be had; it is told to `onFailure` */
  readonly fetch: (trace: RequestTrace | null) => Promise<JSONWebKeySet>
  readonly onFailure: (error: unknown) => void
  /** Milliseconds that only grow. */
  readonly now?: () => number
}

/** The keys of one issuer, fetched when they are first needed, and anew as they get old. */
export class KeySet {
  readonly #fetch: KeySetOptions['fetch']
  readonly #onFailure: KeySetOptions['onFailure']
  readonly #now: () => number
  #known: KnownKeys | undefined
  #fetching: Promise<void> | undefined
  #triedAtMs = -Infinity
  #hasFailed = false

  constructor({ fetch, onFailure, now = () => performance.now() }: KeySetOptions) {
    this.#fetch = fetch
    this.#onFailure = onFailure
    this.#now = now
  }

  /**
   * The key that a token's header names. One that is not known may be new: the keys are fetched anew,
   * unless that has just been done. Private keys and those that are not for signatures are never found,
   * and an RSA key of less than 2048 bits (RFC 7518, section 3.3) fails when it is used: `jose` sees to it.
   *
   * @param trace - of the request that asks: a fetch that it is the first to need becomes part of it
   * @throws HttpError `token_keys_unavailable` where there are no keys to look among; `invalid_token`
   *   where there is no such key, and it is too early to ask for it, or in vain
   * @throws JWKSMultipleMatchingKeys where several fit, which can be had from it, one after the other
   * @throws JOSEError where there is no such key
   */
  async find(header: JWTHeaderParameters, trace: RequestTrace | null = null): Promise<CryptoKey> {
    await this.#refresh(trace)
    const known = this.#usable()
    if (known === undefined) throw this.#unavailable()
    try {
      return await known.find(header)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      await this.#fetchAgain(trace)
      const fetched = this.#usable()
      if (fetched === undefined || fetched === known) throw new HttpError('invalid_token')
      return fetched.find(header)
    }
  }

  /** To be awaited before keys are used; resolves at once where they are young enough. */
  async #refresh(trace: RequestTrace | null): Promise<void> {
    const ageMs = this.#ageMs()
    if (ageMs < REFRESH_AFTER_MS) return
    const fetching = this.#fetchAgain(trace)
    // An issuer that is down must not hold up everybody each time that it is tried.
    const goesOn = ageMs < (this.#hasFailed ? STALE_AFTER_MS : WAIT_AFTER_MS)
    if (!goesOn) await fetching
  }

  /** Fetches the keys, once for all who ask meanwhile; not within the pause after the last time. */
  #fetchAgain(trace: RequestTrace | null): Promise<void> {
    if (this.#fetching !== undefined) return this.#fetching
    if (this.#pauseLeftMs() > 0) return Promise.resolve()
    this.#triedAtMs = this.#now()
    this.#fetching = this.#replace(trace).finally(() => {
      this.#fetching = undefined
    })
    return this.#fetching
  }

  async #replace(trace: RequestTrace | null): Promise<void> {
    try {
      const find = createLocalJWKSet(await this.#fetch(trace))
      this.#known = { find, fetchedAtMs: this.#now() }
      this.#hasFailed = false
    } catch (error) {
      this.#hasFailed = true
      this.#onFailure(error)
    }
  }

  #usable(): KnownKeys | undefined {
    return this.#ageMs() < STALE_AFTER_MS ? this.#known : undefined
  }

  #ageMs(): number {
    return this.#known === undefined ? Infinity : this.#now() - this.#known.fetchedAtMs
  }

  #pauseLeftMs(): number {
    const pauseMs = this.#usable() === undefined ? PAUSE_WITHOUT_KEYS_MS : PAUSE_MS
    return this.#triedAtMs + pauseMs - this.#now()
  }

  #unavailable(): HttpError {
    const retryAfterSeconds = Math.max(1, Math.ceil(this.#pauseLeftMs() / 1000))
    return new HttpError('token_keys_unavailable', { retryAfterSeconds })
  }
}
