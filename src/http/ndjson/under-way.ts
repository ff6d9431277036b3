interface Begun {
  bytes: number
  text: string | undefined
}

/** What is under way or answered, in its order, until somebody takes its answer. */
export class UnderWay {
  readonly #begun: Begun[] = []
  #bytes = 0

  get length(): number {
    return this.#begun.length
  }

  /** Of what was begun, or of its answer where that is longer. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * @param bytes - how many it counts for at least
   * @param answer - never rejects
   * @param onFirst - called where the answer is the next to be taken
   */
  add(bytes: number, answer: Promise<string>, onFirst: () => void): void {
    const begun: Begun = { bytes, text: undefined }
    this.#begun.push(begun)
    this.#bytes += bytes
    void answer.then((text) => {
      begun.text = text
      // A few bytes can ask for a thousand seats, all of which the answer names.
      const more = Math.max(0, Buffer.byteLength(text) - begun.bytes)
      begun.bytes += more
      this.#bytes += more
      if (begun === this.#begun[0]) onFirst()
    })
  }

  /**
   * The answers that there are, up to the first that is still to come.
   *
   * @param maxBytes - the answer that comes to so many is the last one
   */
  take(maxBytes: number): string {
    let [taken, bytes, texts] = [0, 0, '']
    for (const begun of this.#begun) {
      if (begun.text === undefined || bytes >= maxBytes) break
      taken += 1
      bytes += begun.bytes
      texts += begun.text
    }
    this.#begun.splice(0, taken)
    this.#bytes -= bytes
    return texts
  }
}
