import type { Grant } from '../domain/access.ts'
import { isSecretOf, type ApiKey } from '../domain/api-key.ts'
import type { UsableKey } from '../store/api-key-rows.ts'
import { CoalescedReads, type CoalescedBounds } from './coalesced-reads.ts'
import type { Load } from './load-apart.ts'
import { Newest } from './newest.ts'

/** How long after it was read a key is used without a question, and then while it is read again. */
const FRESH_MS = 2000
/**
 * How long after it was read a key is used at all. A key that is revoked lets nobody in for longer than
 * that, in any process; the promise is 5 seconds.
 */
const USABLE_MS = 4000
/** Between two tries to read a key again in the background, where that fails. */
const RETRY_MS = 250

/** The hash of nothing that anybody could send: for a key that is not there. */
const NO_HASH = new Uint8Array(32)

export interface KeyRingBounds extends CoalescedBounds {
  /** Keys that are remembered. */
  readonly maxKeysKept: number
}

/** What the ring tells, neither of which it waits for. */
export interface KeyRingEvents {
  /** A key was used of which the table doesn't say so yet. */
  readonly onUse: (id: string) => void
  /** A key could not be read again in the background. */
  readonly onError: (error: unknown) => void
}

/** A key as it was read. Times are those of the ring's clock. */
interface Kept {
  readonly key: UsableKey
  readonly usableUntil: number
  refreshAt: number
  isUseKnown: boolean
}

/**
 * The keys that are in use, as they were some moments ago. A key in steady use is read again in the
 * background, and costs its requests no question; one that isn't there, or whose secret is wrong, is
 * always asked for, together with others.
 *
 * How old a key is counts from before its statement was sent. It expires by the database's clock: what
 * is left of its time is read with it.
 */
export class KeyRing {
  readonly #reads: CoalescedReads<string, Kept>
  readonly #events: KeyRingEvents
  /** Those that are not used any more are the first to go: they are not read again. */
  readonly #kept: Newest<string, Kept>
  readonly #now: () => number
  /** Keys that were forgotten since the statement at work began: it may have read them before. */
  #forgotten: Set<string> | undefined

  /** @param now - a clock that never goes back, in milliseconds */
  constructor(
    load: Load<string, UsableKey>,
    bounds: KeyRingBounds,
    events: KeyRingEvents,
    now = () => performance.now(),
  ) {
    this.#reads = new CoalescedReads((ids) => this.#read(load, ids), bounds)
    this.#kept = new Newest(bounds.maxKeysKept)
    this.#events = events
    this.#now = now
  }

  /** What the key allows, where that is at hand; undefined where it has to be asked for. */
  atHand({ id, secret }: ApiKey): Grant | undefined {
    const kept = this.#kept.get(id)
    if (kept === undefined) return undefined
    const now = this.#now()
    if (now >= kept.usableUntil || !isSecretOf(secret, kept.key.secretHash)) return undefined
    if (now >= kept.refreshAt) this.#refresh(kept)
    return this.#use(kept)
  }

  /**
   * Asks what the key allows, by a statement that begins after the call; null for a key that lets
   * nobody in. Which of the reasons it is makes no difference, in time neither.
   *
   * @param isAbandoned - true where nobody waits for the answer any more
   * @throws EngineError `database_unavailable`, `overloaded`, …
   */
  async ask({ id, secret }: ApiKey, isAbandoned?: () => boolean): Promise<Grant | null> {
    const kept = await this.#reads.read(id, isAbandoned)
    const isRight = isSecretOf(secret, kept?.key.secretHash ?? NO_HASH)
    return kept !== null && isRight ? this.#use(kept) : null
  }

  /** Has every later request with the key ask for it, by a statement that begins from now on. */
  forget(id: string): void {
    this.#kept.delete(id)
    this.#forgotten?.add(id)
  }

  #use(kept: Kept): Grant {
    if (!kept.isUseKnown) {
      kept.isUseKnown = true
      this.#events.onUse(kept.key.id)
    }
    return kept.key.grant
  }

  #refresh(kept: Kept): void {
    kept.refreshAt = Infinity
    this.#reads.read(kept.key.id).catch((error: unknown) => {
      kept.refreshAt = this.#now() + RETRY_MS
      this.#events.onError(error)
    })
  }

  async #read(load: Load<string, UsableKey>, ids: readonly string[]): Promise<Map<string, Kept>> {
    const startedAt = this.#now()
    const forgotten = new Set<string>()
    this.#forgotten = forgotten
    const keys = await load(ids).finally(() => {
      this.#forgotten = undefined
    })
    const found = new Map<string, Kept>()
    for (const id of ids) {
      this.#kept.delete(id)
      const key = keys.get(id)
      if (key === undefined) continue
      const kept = keptOf(key, startedAt)
      found.set(id, kept)
      if (!forgotten.has(id)) this.#kept.set(id, kept)
    }
    return found
  }
}

function keptOf(key: UsableKey, startedAt: number): Kept {
  return {
    key,
    usableUntil: startedAt + Math.min(USABLE_MS, key.expiresInMs ?? Infinity),
    refreshAt: startedAt + FRESH_MS,
    isUseKnown: key.isUseKnown,
  }
}
