import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long anything is waited for that a test has set off, in milliseconds: a gross miss. */
const PATIENCE_MS = 10_000

/**
 * Asks again and again until there is an answer other than `undefined` and `false`; gives it. For
 * what tells nobody that it has happened.
 */
export async function until<T>(
  find: () => Promise<T | undefined | false>,
  what = 'what was waited for',
): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const found = await find()
    if (found !== undefined && found !== false) return found
    if (Date.now() > deadline) throw new Error(`${what} did not happen`)
    // Lets everything else go on, also where nothing was waited for above.
    await nextTurn()
  }
}
