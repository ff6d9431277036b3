/** What can wait. */
export interface Queued {
  readonly arrivedAt: number
}

/** The commands of one key that wait, in order of arrival. */
export class KeyQueue<E extends Queued> {
  readonly key: number
  /** Whether other sessions were found to hold the key locked, so that it must be waited for. */
  contended: boolean
  /** Batches in a row that passed the key over because it was locked. */
  timesLocked = 0
  inBatch = false
  #entries: E[] = []
  /** Those that a batch has put off, in order of arrival: they are taken again, not all at once. */
  #deferred: E[] = []

  constructor(key: number, contended: boolean) {
    this.key = key
    this.contended = contended
  }

  /** Entries that wait; those in a batch do not count. */
  get length(): number {
    return this.#entries.length + this.#deferred.length
  }

  add(entry: E): void {
    this.#entries.push(entry)
  }

  /** Takes up to `maxEntries`, those that were put off first. */
  take(maxEntries: number): E[] {
    // Half of a batch at the most is for those that were deferred, unless the others need less.
    const room = Math.max(Math.ceil(maxEntries / 2), maxEntries - this.#entries.length)
    const again = this.#deferred.splice(0, room)
    return [...again, ...this.takeNew(maxEntries - again.length)]
  }

  /** Takes up to `maxEntries` of those that no batch has put off. */
  takeNew(maxEntries: number): E[] {
    return this.#entries.splice(0, maxEntries)
  }

  /** Puts entries back that a batch has taken: `returned` to the front, `deferred` among their like. */
  putBack(returned: readonly E[], deferred: readonly E[]): void {
    this.#entries = [...returned, ...this.#entries]
    this.#deferred = [...this.#deferred, ...deferred].sort((a, b) => a.arrivedAt - b.arrivedAt)
  }

  /** Removes and returns the entries for which `test` holds, up to the first that stays. */
  removeWhile(test: (entry: E) => boolean): E[] {
    return [...removeWhile(this.#deferred, test), ...removeWhile(this.#entries, test)]
  }

  /** Whether `test` holds for one of those that no batch has put off. */
  hasNew(test: (entry: E) => boolean): boolean {
    return this.#entries.some(test)
  }
}

/** What one batch took from one key. */
export interface Share<E extends Queued> {
  readonly queue: KeyQueue<E>
  readonly entries: E[]
}

/** What a batch could not decide of a key. */
export interface Undecided<E> {
  readonly returned?: readonly E[]
  readonly deferred?: readonly E[]
  readonly isLocked?: boolean
  readonly wait?: boolean
}

/** Takes from the front of a list that for which `test` holds, up to the first that stays. */
function removeWhile<E>(entries: E[], test: (entry: E) => boolean): E[] {
  const firstToStay = entries.findIndex((entry) => !test(entry))
  return entries.splice(0, firstToStay < 0 ? entries.length : firstToStay)
}
