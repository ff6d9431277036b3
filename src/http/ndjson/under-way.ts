interface Begun {
  readonly bytes: number
  text: string | undefined
}

/** What is under way or answered, in its order, until somebody takes its answer. */
export class UnderWay {
  readonly #begun: Begun[] = []
  #bytes = 0

  get length(): number {
    return this.#begun.length
  }

  get bytes(): number {
    return this.#bytes
  }

  /**
   * @param bytes - how many it counts for
   * @param answer - never rejects
   * @param onFirst - called where the answer is the next to be taken
   */
  add(bytes: number, answer: Promise<string>, onFirst: () => void): void {
    const begun: Begun = { bytes, text: undefined }
    this.#begun.push(begun)
    this.#bytes += bytes
    void answer.then((text) => {
      begun.text = text
      if (begun === this.#begun[0]) onFirst()
    })
  }

  /** The answers that there are, up to the first that is still to come. */
  take(): string {
    const open = this.#begun.findIndex(({ text }) => text === undefined)
    const taken = this.#begun.splice(0, open === -1 ? this.#begun.length : open)
    for (const { bytes } of taken) this.#bytes -= bytes
    return taken.map(({ text }) => text).join('')
  }
}
