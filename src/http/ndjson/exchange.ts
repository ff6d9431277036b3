import { setImmediate as nextTurn } from 'node:timers/promises'
import { isBlank, type Line } from './lines.ts'
import { TimedLines, type Patience } from './timed-lines.ts'
import { UnderWay } from './under-way.ts'

/** From so many bytes on, answers are given without those behind them. */
const BYTES_AT_ONCE = 64 * 1024
/** Lines that are begun in one turn of the event loop, as of requests: see plugins/pace.ts. */
const LINES_PER_TURN = 32

export interface ExchangeBounds extends Patience {
  /** Blank ones included. */
  readonly maxLines: number
  /** Lines whose answers are still to come, or to be taken. */
  readonly maxUnderWay: number
  /** Bytes of such lines, or of their answers where these are longer; one that is longer goes alone. */
  readonly maxBytesUnderWay: number
}

/** Answers lines, and tells of what ends them. */
export interface Answerer {
  /**
   * Answers a line. Never rejects: what came of the line is told in the answer.
   *
   * @param giveTime - to be called at once where the line is right: see `Patience`
   */
  readonly answer: (number: number, line: Line, giveTime: () => void) => Promise<string>
  /** What is told of the first line that is not looked at any more, and why. */
  readonly tellEnd: (number: number, why: unknown) => string
  /** Why one line too many, or lines that do not come in time, are the end. */
  readonly tooMany: () => Error
  readonly tooLate: () => Error
}

/**
 * Answers lines in their order, while they are read: some are under way at once. No line is read before
 * there is room for its answer, which whoever takes the answers makes; so who does not read his answers is
 * not read either, and little is in memory however many lines there are.
 *
 * Whatever ends it early lets the lines under way come to their end, and is told of by a last answer.
 */
export class Exchange {
  readonly #lines: TimedLines
  readonly #answerer: Answerer
  readonly #bounds: ExchangeBounds
  readonly #stopping = new AbortController()
  readonly #underWay = new UnderWay()
  #isRead = false
  /** Wakes who waits for an answer, and who waits for room. */
  #wakeTaker: () => void = () => undefined
  #wakeReader: () => void = () => undefined

  /** @param source - the lines, those that come together at once */
  constructor(
    source: AsyncIterator<readonly Line[], undefined>,
    answerer: Answerer,
    bounds: ExchangeBounds,
  ) {
    this.#lines = new TimedLines(source, bounds, () => {
      this.stop(answerer.tooLate())
    })
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
        const texts = this.#underWay.take(BYTES_AT_ONCE)
        if (texts !== '') {
          this.#wakeReader()
          yield texts
        } else if (this.#isRead && this.#underWay.length === 0) break
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
      for (;;) {
        await this.#roomForOne()
        const { value: lines } = await this.#lines.next(this.#stopping.signal)
        if (lines === undefined) return undefined
        for (const line of lines) {
          await this.#roomForOne()
          if (number > this.#bounds.maxLines) throw this.#answerer.tooMany()
          if (number % LINES_PER_TURN === 0) await nextTurn()
          this.#stopping.signal.throwIfAborted()
          if (!isBlank(line)) {
            this.#lines.giveTime(false)
            const answer = this.#answerer.answer(number, line, this.#giveTime)
            this.#underWay.add(line?.length ?? 0, answer, () => {
              this.#wakeTaker()
            })
          }
          number += 1
        }
      }
    } catch (error) {
      return this.#answerer.tellEnd(number, error)
    } finally {
      this.#isRead = true
      this.#wakeTaker()
    }
  }

  readonly #giveTime = (): void => {
    this.#lines.giveTime(true)
  }

  async #roomForOne(): Promise<void> {
    const { maxUnderWay, maxBytesUnderWay } = this.#bounds
    for (;;) {
      this.#stopping.signal.throwIfAborted()
      const { length, bytes } = this.#underWay
      if (length < maxUnderWay && bytes < maxBytesUnderWay) return
      await new Promise<void>((resolve) => (this.#wakeReader = resolve))
    }
  }
}
