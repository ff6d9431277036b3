const BAR_WIDTH = 24
const CLEAR_LINE = '\r\u001B[2K'

/** One line that moves on a terminal; lines of their own elsewhere. */
export class Progress {
  readonly #total: number
  readonly #startedMs = performance.now()
  #done = 0

  constructor(total: number) {
    this.#total = total
  }

  /** Tells what is at work now. */
  show(text: string): void {
    const count = `${String(this.#done + 1).padStart(String(this.#total).length)}/${this.#total}`
    if (!process.stderr.isTTY) {
      process.stderr.write(`[${count}] ${text}\n`)
      return
    }
    const filled = Math.round((this.#done / this.#total) * BAR_WIDTH)
    const bar = '█'.repeat(filled).padEnd(BAR_WIDTH, '░')
    const line = `${bar} ${count} ${this.#remaining()} ${text}`
    process.stderr.write(CLEAR_LINE + line.slice(0, process.stderr.columns - 1))
  }

  step(): void {
    this.#done += 1
  }

  clear(): void {
    if (process.stderr.isTTY) process.stderr.write(CLEAR_LINE)
  }

  #remaining(): string {
    if (this.#done === 0) return '--:--'
    const elapsedMs = performance.now() - this.#startedMs
    const seconds = Math.round(((elapsedMs / this.#done) * (this.#total - this.#done)) / 1000)
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  }
}
