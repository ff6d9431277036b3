/** Of rows, or of stretches of them, by number: how many seats are free, and how long the longest groups are. */
export class Summaries {
  readonly longest: Int32Array
  readonly nextLongest: Int32Array
  readonly free: Int32Array
  readonly #known: Uint8Array

  constructor(count: number) {
    this.longest = new Int32Array(count)
    this.nextLongest = new Int32Array(count)
    this.free = new Int32Array(count)
    this.#known = new Uint8Array(count)
  }

  isKnown(place: number): boolean {
    return this.#known[place] === 1
  }

  forget(place: number): void {
    this.#known[place] = 0
  }

  begin(place: number): void {
    this.longest[place] = this.nextLongest[place] = this.free[place] = 0
    this.#known[place] = 1
  }

  add(place: number, longest: number, nextLongest: number, free: number): void {
    this.#addLength(place, longest)
    this.#addLength(place, nextLongest)
    this.free[place] = (this.free[place] ?? 0) + free
  }

  #addLength(place: number, length: number): void {
    const longest = this.longest[place] ?? 0
    if (length > longest) {
      this.nextLongest[place] = longest
      this.longest[place] = length
    } else if (length < longest && length > (this.nextLongest[place] ?? 0)) {
      this.nextLongest[place] = length
    }
  }
}
