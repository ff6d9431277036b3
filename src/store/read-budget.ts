/** How much a batch may read under its locks: what comes once it is spent is put off. */
export class ReadBudget {
  #left: number

  constructor(most: number) {
    this.#left = most
  }

  get isSpent(): boolean {
    return this.#left <= 0
  }

  /** The last one may go past the bound: what is more than all of it is read alone. */
  spend(amount: number): void {
    this.#left -= amount
  }
}
