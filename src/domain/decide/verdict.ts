import type { Outcome } from '../outcomes.ts'

/**
 * What is said of a command that turns on what this batch leaves to the next one: it changed
 * nothing, and is to be decided again then.
 */
export const LATER = Symbol('later')

export type Verdict = Outcome | typeof LATER
