import type { Line } from './lines.ts'

type Lines = IteratorResult<readonly Line[], undefined>

/** How long somebody who sends lines may keep us waiting. */
export interface Patience {
  /** For the next line, if those before came at their pace. */
  readonly lineTimeoutMs: number
  /** What each line gives back of the time that was waited: the pace that is asked for. */
  readonly timePerLineMs: number
  /** Likewise one of which nothing can come: to send those is no reason to be waited for. */
  readonly timePerWrongLineMs: number
}

/**
 * Lines of somebody who may keep us waiting for so long and no longer, and on the whole for no longer than
 * lines take at a pace: so a line now and then does not do.
 */
export class TimedLines {
  readonly #source: AsyncIterator<readonly Line[], undefined>
  readonly #patience: Patience
  readonly #onLate: () => void
  /** Beyond what lines have given back. */
  #waitedMs = 0

  constructor(
    source: AsyncIterator<readonly Line[], undefined>,
    patience: Patience,
    onLate: () => void,
  ) {
    this.#source = source
    this.#patience = patience
    this.#onLate = onLate
  }

  /** To be called with each line that is not blank; and again where it has turned out to be right. */
  giveTime(isRight: boolean): void {
    const { timePerLineMs, timePerWrongLineMs } = this.#patience
    this.#waitedMs = Math.max(0, this.#waitedMs - (isRight ? timePerLineMs : timePerWrongLineMs))
  }

  /**
   * Those that come next.
   *
   * @throws what `stopping` was aborted with, as soon as it is
   */
  async next(stopping: AbortSignal): Promise<Lines> {
    const startedAt = performance.now()
    const timer = setTimeout(this.#onLate, this.#patience.lineTimeoutMs - this.#waitedMs)
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
