/** The steps of a batch's transaction, in order; the last two are one where COMMIT goes along. */
export const STEPS = [
  'begin',
  'lock',
  'load',
  'decide',
  'write',
  'commit',
  'write_and_commit',
] as const

export type Step = (typeof STEPS)[number]

/** When a step began and ended, in milliseconds by the clock of `performance.now`. */
export interface TimedStep {
  readonly step: Step
  readonly startedAt: number
  readonly endedAt: number
}

/** Times the steps of one transaction: each begins where the one before has ended. */
export class StepClock {
  readonly #ended: TimedStep[] = []
  #startedAt = performance.now()
  #isCommitJoined = false

  /** Those that have ended, in order. The one in which a transaction fails is not among them. */
  get ended(): readonly TimedStep[] {
    return this.#ended
  }

  /** When the step began that is under way. */
  get startedAt(): number {
    return this.#startedAt
  }

  /** The step whose failure leaves it open whether the transaction was committed. */
  get commitStep(): 'commit' | 'write_and_commit' {
    return this.#isCommitJoined ? 'write_and_commit' : 'commit'
  }

  end(step: Exclude<Step, 'write_and_commit'>): void {
    if (!this.#isCommitJoined) this.#push(step)
    else if (step === 'commit') this.#push('write_and_commit')
  }

  /** COMMIT goes along with the statement that writes: nobody can tell the two apart. */
  joinCommit(): void {
    this.#isCommitJoined = true
  }

  #push(step: Step): void {
    const startedAt = this.#startedAt
    this.#startedAt = performance.now()
    this.#ended.push({ step, startedAt, endedAt: this.#startedAt })
  }
}
