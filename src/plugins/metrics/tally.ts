/** Counts by two names. Adding one costs two look-ups; what is counted is read when it is asked for. */
export class Tally<A extends string, B extends string> {
  readonly #counts = new Map<A, Map<B, { count: number }>>()

  add(a: A, b: B): void {
    const cell = this.#counts.get(a)?.get(b)
    if (cell === undefined) this.set(a, b, 1)
    else cell.count += 1
  }

  set(a: A, b: B, count: number): void {
    const ofA = this.#counts.get(a) ?? new Map<B, { count: number }>()
    this.#counts.set(a, ofA.set(b, { count }))
  }

  entries(): { a: A; b: B; count: number }[] {
    return [...this.#counts].flatMap(([a, ofA]) =>
      [...ofA].map(([b, { count }]) => ({ a, b, count })),
    )
  }
}
