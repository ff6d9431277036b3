import type pg from 'pg'

/** SQLSTATEs of a server that has no room for what is written, or can't read or write its files. */
const STORAGE_FAILURE = /^(53[124]|58)/

/**
 * Whether the server can store anything. It is doubted from the first failure on that says
 * otherwise, and until storage has been reached by a write that was made to find out.
 */
export class StorageDoubt {
  #failures = 0
  #forgiven = 0

  /** Learns from what goes wrong on the pool's connections. */
  watch(pool: pg.Pool): void {
    pool.on('connect', (client) => {
      client.connection.on('errorMessage', ({ code = '' }: Pick<pg.DatabaseError, 'code'>) => {
        if (STORAGE_FAILURE.test(code)) this.#failures += 1
      })
    })
  }

  get isRaised(): boolean {
    return this.#failures !== this.#forgiven
  }

  /** Ends the doubt if `write` succeeds and nothing else has failed meanwhile. @throws what `write` throws */
  async dispelBy(write: () => Promise<void>): Promise<void> {
    const failures = this.#failures
    await write()
    this.#forgiven = failures
  }
}
