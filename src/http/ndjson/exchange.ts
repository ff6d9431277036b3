import { setImmediate as nextTurn } from 'node:timers/promises'
import { isBlank, type Line } from './lines.ts'

/** Lines that are begun in one turn of the event loop, as of requests: see plugins/pace.ts. */
const LINES_PER_TURN = 32

export interface ExchangeBounds {
  /** Blank ones included. */
  readonly maxLines: number
  /** Lines whose answers are still to come, or to be taken. */
  readonly maxUnderWay: number
  /** Bytes of such lines; one that is longer goes alone. */
  readonly maxBytesUnderWay: number
  /** How long a line may keep the service waiting, once it is ready for it. */
  readonly lineTimeoutMs: number
}

/** Answers lines, and tells of what ends them. */
export interface Answerer {
  /** Answers a line. Never rejects: what came of the line is told in the answer. */
  readonly answer: (number: number, line: Line) => Promise<string>
  /** What is told of the first line that is not looked at any more, and why. */
  readonly tellEnd: (number: number, why: unknown) => string
  /** Why one line too many, or one that did not come in time, is the end. */
  readonly tooMany: () => Error
  readonly tooLate: () => Error
}

interface Begun {
  readonly bytes: number
  text: string | undefined
}

/**
 * Answers lines in their order, while they are read: some are under way at once. No line is read before
 * there is room for its answer, which whoever takes the answers makes; so who does not read his answers is
 * not read either, and little is in memory however many lines there are.
 *
 * Whatever ends it early lets the lines under way come to their end, and is told of by a last answer.
 */
export class Exchange {
  readonly #lines: AsyncIterator<Line, undefined>
  readonly #answerer: Answerer
  readonly #bounds: ExchangeBounds
  readonly #stopping = new AbortController()
  readonly #begun: Begun[] = []
  #bytesUnderWay = 0
  #isRead = false
  /** Wakes who waits for an answer, and who waits for room. */
  #wakeTaker: () => void = () => undefined
  #wakeReader: () => void = () => undefined

  constructor(lines: AsyncIterator<Line, undefined>, answerer: Answerer, bounds: ExchangeBounds) {
    this.#lines = lines
    this.#answerer = answerer
    this.#bounds = bounds
  }

  /** No further line is begun. The first reason counts, and is told. */
  stop(why: unknown): void {
    this.#stopping.abort(why)
    this.#wakeReader()
  }

  /** The answers, some of them at once. To be called once. */
  async *answers(): AsyncGenerator<string, undefined> {
    const reading = this.#read()
    try {
      for (;;) {
        const texts = this.#takeAnswered()
        if (texts !== '') yield texts
        else if (this.#isRead && this.#begun.length === 0) break
        else await new Promise<void>((resolve) => (this.#wakeTaker = resolve))
      }
      const end = await reading
      if (end !== undefined) yield end
    } finally {
      this.stop(new Error('nobody takes the answers any more'))
    }
  }

  /** Begins line after line; settles with what is told of the end, if that came early. */
  async #read(): Promise<string | undefined> {
    let number = 1
    try {
      for (; ; number += 1) {
        await this.#roomForOne()
        const { value: line } = await this.#nextLine()
        if (line === undefined) return undefined
        if (number > this.#bounds.maxLines) throw this.#answerer.tooMany()
        if (number % LINES_PER_TURN === 0) await nextTurn()
        if (!isBlank(line)) this.#begin(number, line)
      }
    } catch (error) {
      return this.#answerer.tellEnd(number, error)
    } finally {
      this.#isRead = true
      this.#wakeTaker()
    }
  }

  async #roomForOne(): Promise<void> {
    const { maxUnderWay, maxBytesUnderWay } = this.#bounds
    for (;;) {
      this.#stopping.signal.throwIfAborted()
      if (this.#begun.length < maxUnderWay && this.#bytesUnderWay < maxBytesUnderWay) return
      await new Promise<void>((resolve) => (this.#wakeReader = resolve))
    }
  }

  async #nextLine(): Promise<IteratorResult<Line, undefined>> {
    const { signal } = this.#stopping
    const timer = setTimeout(() => {
      this.stop(this.#answerer.tooLate())
    }, this.#bounds.lineTimeoutMs)
    let onStop = (): void => undefined
    const stopped = new Promise<IteratorResult<Line, undefined>>((resolve) => {
      onStop = () => {
        resolve({ done: true, value: undefined })
      }
      signal.addEventListener('abort', onStop)
    })
    try {
      const next = await Promise.race([this.#lines.next(), stopped])
      // A line that has come by then is not begun either.
      signal.throwIfAborted()
      return next
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onStop)
    }
  }

  #begin(number: number, line: Line): void {
    const begun: Begun = { bytes: line?.length ?? 0, text: undefined }
    this.#begun.push(begun)
    this.#bytesUnderWay += begun.bytes
    void this.#answerer.answer(number, line).then((text) => {
      begun.text = text
      if (begun === this.#begun[0]) this.#wakeTaker()
    })
  }

  /** The answers that there are, up to the first that is still to come. */
  #takeAnswered(): string {
    const ready = this.#begun.findIndex(({ text }) => text === undefined)
    const taken = this.#begun.splice(0, ready === -1 ? this.#begun.length : ready)
    for (const { bytes } of taken) this.#bytesUnderWay -= bytes
    if (taken.length > 0) this.#wakeReader()
    return taken.map(({ text }) => text).join('')
  }
}
