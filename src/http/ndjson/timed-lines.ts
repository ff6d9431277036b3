import type { Line } from './lines.ts'

type Lines = IteratorResult<readonly Line[], undefined>

/**
 * Lines of somebody who may keep us waiting for so long and no longer. What is no line, such as a blank
 * one, is no progress: it gives no further time.
 */
export class TimedLines {
  readonly #source: AsyncIterator<readonly Line[], undefined>
  readonly #timeoutMs: number
  readonly #onLate: () => void
  /** Since the last line. */
  #waitedMs = 0

  constructor(
    source: AsyncIterator<readonly Line[], undefined>,
    timeoutMs: number,
    onLate: () => void,
  ) {
    this.#source = source
    this.#timeoutMs = timeoutMs
    this.#onLate = onLate
  }

  /** To be called with each line: the next one has all its time. */
  onLine(): void {
    this.#waitedMs = 0
  }

  /**
   * Those that come next.
   *
   * @throws what `stopping` was aborted with, as soon as it is
   */
  async next(stopping: AbortSignal): Promise<Lines> {
    const startedAt = performance.now()
    const timer = setTimeout(this.#onLate, this.#timeoutMs - this.#waitedMs)
    let onStop = (): void => undefined
    const stopped = new Promise<Lines>((resolve) => {
      onStop = () => {
        resolve({ done: true, value: undefined })
      }
      stopping.addEventListener('abort', onStop)
    })
    try {
      const next = await Promise.race([this.#source.next(), stopped])
      // What has come by then is not begun either.
      stopping.throwIfAborted()
      return next
    } finally {
      clearTimeout(timer)
      stopping.removeEventListener('abort', onStop)
      this.#waitedMs += performance.now() - startedAt
    }
  }
}
