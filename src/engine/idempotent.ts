import { eventIdOf } from '../domain/commands.ts'
import { LATER, type Verdict } from '../domain/decide/decide.ts'
import { refuse } from '../domain/outcomes.ts'
import type { IdempotentRequest, StoredSuccess } from '../store/idempotency.ts'
import type { KeyedSuccess } from '../store/project/keys.ts'
import { done, type Executed, type Submission, type SubmissionResult } from './submission.ts'

/** What a request under a known key is told: what came of it then, if it asks for the same. */
export function replay({ fingerprint }: IdempotentRequest, stored: StoredSuccess): Executed {
  return stored.fingerprint === fingerprint
    ? { outcome: stored.success, isReplayed: true }
    : { outcome: refuse('idempotency_key_reused'), isReplayed: false }
}

/** Answers the submissions that took effect before; returns those that are to be decided. */
export function answerKnown(
  known: ReadonlyMap<string, StoredSuccess>,
  submissions: readonly Submission[],
  results: Map<Submission, SubmissionResult>,
): Submission[] {
  const inBatch = new Set<string>()
  return submissions.filter((submission) => {
    const { idempotency } = submission
    if (idempotency === null) return true
    const stored = known.get(idempotency.key)
    if (stored !== undefined) {
      results.set(submission, { status: 'done', value: replay(idempotency, stored) })
      return false
    }
    // The second of two at once gets what comes of the first: see answerDuplicates.
    if (inBatch.has(idempotency.key)) results.set(submission, { status: 'again' })
    const isFirst = !inBatch.has(idempotency.key)
    inBatch.add(idempotency.key)
    return isFirst
  })
}

export function keysOf(submissions: readonly Submission[]): string[] {
  return submissions.flatMap(({ idempotency }) => idempotency?.key ?? [])
}

/**
 * The keys that need a lock of their own. Others come under a key only one after the other: the
 * lock of their event sees to that.
 */
export function keysWithoutEvent(submissions: readonly Submission[]): string[] {
  return keysOf(submissions.filter(({ command }) => eventIdOf(command) === null))
}

/**
 * Answers requests whose key another one of the batch had first. Where that one was refused, so is
 * the same request again: nobody has been told of anything yet. Another request under the key of a
 * refused one is free to try, in the next batch.
 */
export function answerDuplicates(
  decided: readonly Submission[],
  results: Map<Submission, SubmissionResult>,
): void {
  const firsts = new Map(decided.map((submission) => [submission.idempotency?.key, submission]))
  for (const [submission, { status }] of results) {
    const { idempotency } = submission
    if (status !== 'again' || idempotency === null) continue
    const first = firsts.get(idempotency.key)
    const result = first === undefined ? undefined : results.get(first)
    if (!first?.idempotency || result?.status !== 'done') continue
    const { outcome } = result.value
    const { fingerprint } = first.idempotency
    if (outcome.kind !== 'refused') {
      const value = replay(idempotency, { fingerprint, success: outcome })
      results.set(submission, { status: 'done', value })
    } else if (fingerprint === idempotency.fingerprint) results.set(submission, done(outcome))
  }
}

/** What is to be stored: successes alone. A refusal changed nothing and may be right the next time. */
export function successesOf(
  submissions: readonly Submission[],
  verdicts: readonly Verdict[],
): KeyedSuccess[] {
  return submissions.flatMap(({ idempotency }, i) => {
    const verdict = verdicts[i]
    if (idempotency === null || verdict === undefined || verdict === LATER) return []
    const { key, fingerprint } = idempotency
    return verdict.kind === 'refused' ? [] : { key, fingerprint, success: verdict }
  })
}
