import { setTimeout as delay } from 'node:timers/promises'
import { EngineError, type EngineErrorReason } from '../../../engine/engine-error.ts'

/** What passes by itself, and has left nothing behind. */
const PASSING: ReadonlySet<EngineErrorReason> = new Set(['overloaded', 'event_busy'])

/** For how long a line waits for its turn, beside the time that the service gives any request. */
export const PATIENCE_MS = 15_000
const FIRST_PAUSE_MS = 20
const MAX_PAUSE_MS = 1000

/**
 * Does the work, and again where it was not its turn: an import waits while others keep the service, or
 * the event, busy. Nothing is repeated that may have taken effect.
 *
 * @param stop - ends the waiting: what it failed with then is what comes of it
 */
export async function patiently<T>(work: () => Promise<T>, stop: AbortSignal): Promise<T> {
  const until = performance.now() + PATIENCE_MS
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
    try {
      return await work()
    } catch (error) {
      const isPassing = error instanceof EngineError && PASSING.has(error.reason)
      if (!isPassing || stop.aborted || performance.now() + pauseMs > until) throw error
    }
    await delay(pauseMs * (1 + Math.random()), undefined, { signal: stop }).catch(() => undefined)
  }
}
