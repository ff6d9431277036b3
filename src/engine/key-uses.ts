import { setImmediate as nextTurn } from 'node:timers/promises'

/** Keys that one statement writes of, at the most. */
const MAX_KEYS = 500

/**
 * Writes down which keys are used, in the background: those that come while a statement is at work
 * share the next one. What can't be written is dropped; it comes again while the key is used.
 */
export class KeyUses {
  readonly #write: (ids: readonly string[]) => Promise<void>
  readonly #onError: (error: unknown) => void
  /** The key ring bounds how many there are. */
  readonly #noted = new Set<string>()
  #writing: Promise<void> | undefined

  constructor(write: (ids: readonly string[]) => Promise<void>, onError: (error: unknown) => void) {
    this.#write = write
    this.#onError = onError
  }

  /** Never waits, and never fails. */
  note(id: string): void {
    this.#noted.add(id)
    this.#writing ??= this.#writeNoted()
  }

  /** Settles when nothing is being written any more. */
  async close(): Promise<void> {
    await this.#writing
  }

  async #writeNoted(): Promise<void> {
    // Those that this turn of the event loop notes are all there then.
    await nextTurn()
    while (this.#noted.size > 0) {
      const ids = [...this.#noted].slice(0, MAX_KEYS)
      for (const id of ids) this.#noted.delete(id)
      try {
        await this.#write(ids)
      } catch (error) {
        this.#onError(error)
      }
    }
    this.#writing = undefined
  }
}
