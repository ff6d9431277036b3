/** Does a piece of some work; `isDone` where nothing is left of it for now. */
export type Chore = () => Promise<{ readonly isDone: boolean }>

export interface ChoresOptions<Name extends string> {
  readonly chores: Readonly<Record<Name, Chore>>
  /** How long a chore is left alone once it was done, or has failed. */
  readonly intervalMs: number
  readonly onDone: (name: Name) => void
  readonly onError: (name: Name, error: unknown) => void
}

/**
 * Chores that come up now and then. Each has a pace of its own: one that fails, or takes long, keeps
 * no other.
 */
export class Chores<Name extends string> {
  readonly #options: ChoresOptions<Name>
  readonly #names: readonly Name[]
  readonly #atWork = new Map<Name, Promise<void>>()
  readonly #beganMs = new Map<Name, number>()
  readonly #createdMs = performance.now()

  constructor(options: ChoresOptions<Name>) {
    this.#options = options
    this.#names = Object.keys(options.chores) as Name[]
  }

  /** Begins a piece of each chore that is due. */
  begin(): void {
    for (const name of this.#names) if (this.#isDue(name)) this.#begin(name)
  }

  /** Settles when none is at work. Never rejects. */
  async idle(): Promise<void> {
    await Promise.all(this.#atWork.values())
  }

  #isDue(name: Name): boolean {
    const beganMs = this.#beganMs.get(name) ?? this.#createdMs
    return !this.#atWork.has(name) && performance.now() - beganMs >= this.#options.intervalMs
  }

  #begin(name: Name): void {
    this.#beganMs.set(name, performance.now())
    const work = this.#do(name).finally(() => this.#atWork.delete(name))
    this.#atWork.set(name, work)
  }

  /** Never rejects. */
  async #do(name: Name): Promise<void> {
    try {
      const { isDone } = await this.#options.chores[name]()
      // Where more was left than one piece, the next round goes on.
      if (!isDone) this.#beganMs.set(name, -Infinity)
      this.#options.onDone(name)
    } catch (error) {
      this.#options.onError(name, error)
    }
  }
}
