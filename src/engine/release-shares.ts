import type { Deadline } from './deadline.ts'
import { deferredFirst } from './deferred-first.ts'
import type { FairQueues } from './fair-queues.ts'
import type { BatchResult, GroupCommitErrors } from './group-commit-options.ts'
import type { GroupShare } from './group-queues.ts'
import type { Entry, EntryBatch, Results } from './run-shares.ts'

/**
 * Ends a batch, and its hold on its keys. What it did not decide goes back to their queues, or is given up
 * where its key was waited for and stayed locked.
 */
export function releaseShares<C, R>(
  batch: EntryBatch<C, R>,
  results: Results<C, R>,
  queues: FairQueues<Entry<C, R>>,
  deadline: Deadline<C, R>,
  errors: GroupCommitErrors,
): void {
  const allLocked = [...results.values()].every(({ status }) => status === 'locked')
  const inOrder = deferredFirst(batch.shares, (entry) => results.get(entry)?.status === 'later')
  for (const share of inOrder) {
    const undecided = share.entries.filter((entry) => !isDecided(results.get(entry)))
    const isLocked = undecided.some((entry) => results.get(entry)?.status === 'locked')
    if (batch.mode === 'wait' && isLocked) {
      rejectLocked(share, undecided, queues, errors)
    } else {
      const left = sortOut(undecided, results, deadline)
      queues.release(share, { ...left, isLocked, wait: allLocked })
    }
  }
  queues.end(batch)
}

/** What came after the batch has waited for the same lock: it would wait as long again. */
function rejectLocked<C, R>(
  share: GroupShare<Entry<C, R>>,
  locked: readonly Entry<C, R>[],
  queues: FairQueues<Entry<C, R>>,
  errors: GroupCommitErrors,
): void {
  const alsoWaiting = queues.removeAll(share)
  queues.release(share)
  for (const { reject } of [...locked, ...alsoWaiting]) reject(errors.keyLocked())
}

/** What has to be queued again: not that for which its caller does not wait any more. */
function sortOut<C, R>(
  undecided: readonly Entry<C, R>[],
  results: Results<C, R>,
  deadline: Deadline<C, R>,
): { returned: Entry<C, R>[]; deferred: Entry<C, R>[] } {
  const latest = deadline.latestArrival()
  const returned: Entry<C, R>[] = []
  const deferred: Entry<C, R>[] = []
  for (const entry of undecided) {
    const isDeferred = results.get(entry)?.status === 'later'
    entry.wasDeferred ||= isDeferred
    if (entry.isGivenUp) continue
    // Certainly nothing has happened, which is worth more than `outcomeUnknown` a moment later.
    if (isDeferred && entry.arrivedAt <= latest) deadline.giveUp(entry, 'notStarted')
    // Those that were put off before go back among their like, which are in order of arrival.
    else (entry.wasDeferred ? deferred : returned).push(entry)
  }
  return { returned, deferred }
}

function isDecided(result: BatchResult<unknown> | undefined): boolean {
  return result?.status === 'done' || result?.status === 'failed'
}
