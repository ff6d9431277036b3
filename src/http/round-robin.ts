/**
 * What waits for its turn: the work of one name in its order of arrival, the names by turns (Nagle,
 * "On Packet Switches with Infinite Storage", RFC 970).
 */
export class RoundRobin<W> {
  /** In the order of their turns. */
  readonly #waiting = new Map<string, W[]>()

  add(name: string, work: W): void {
    const ofName = this.#waiting.get(name)
    if (ofName === undefined) this.#waiting.set(name, [work])
    else ofName.push(work)
  }

  /** Removes and returns the next ones, up to `max`. */
  take(max: number): W[] {
    const taken: W[] = []
    // A name that is put behind the others comes again in the same loop.
    for (const [name, ofName] of this.#waiting) {
      if (taken.length >= max) break
      const work = ofName.shift()
      this.#waiting.delete(name)
      if (ofName.length > 0) this.#waiting.set(name, ofName)
      if (work !== undefined) taken.push(work)
    }
    return taken
  }
}
