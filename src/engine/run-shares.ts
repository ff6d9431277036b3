import type { BatchResult, GroupCommitOptions, LockMode } from './group-commit-options.ts'
import type { KeyQueues, Share } from './key-queues.ts'

/** A command that waits for its result. */
export interface Entry<C, R> {
  readonly command: C
  readonly isAbandoned: () => boolean
  readonly arrivedAt: number
  readonly resolve: (value: R) => void
  readonly reject: (error: Error) => void
  /** Whether a batch has put it off. */
  wasDeferred: boolean
  /** Whether its caller was told that its time is up: it must not come into another batch. */
  isGivenUp: boolean
}

/** One batch: what it took, by key. */
export type Shares<C, R> = readonly Share<Entry<C, R>>[]

export type Results<C, R> = ReadonlyMap<Entry<C, R>, BatchResult<R>>

/**
 * Runs one batch without the commands that nobody waits for, with those that may join it on the way.
 * Never rejects: there is a result for each.
 */
export async function runShares<C, R>(
  shares: Shares<C, R>,
  mode: LockMode,
  queues: KeyQueues<Entry<C, R>>,
  options: GroupCommitOptions<C, R>,
): Promise<Results<C, R>> {
  const results = new Map<Entry<C, R>, BatchResult<R>>()
  const entries: Entry<C, R>[] = []
  const include = (some: readonly Entry<C, R>[]): C[] => {
    const wanted = some.filter((entry) => {
      if (!entry.isAbandoned()) return true
      results.set(entry, failed(options.errors.notStarted()))
      return false
    })
    entries.push(...wanted)
    return wanted.map(({ command }) => command)
  }
  const commands = include(shares.flatMap((share) => share.entries))
  // `run` knows of no other keys than those of the commands that it began with.
  const begun = shares.filter((share) => share.entries.some((entry) => !results.has(entry)))
  const first = entries[0]
  if (first === undefined) return results
  const startedAt = performance.now()
  const batch = await options
    .run(commands, mode, () => include(topUp(begun, entries.length, queues, options)))
    .catch((error: unknown) => entries.map(() => failed(error)))
  entries.forEach((entry, i) => {
    results.set(entry, batch[i] ?? failed(new Error('a batch gave too few results')))
  })
  options.observe?.({
    mode,
    size: entries.length,
    keys: shares.length,
    queued: queues.length,
    waitedMs: startedAt - first.arrivedAt,
    tookMs: performance.now() - startedAt,
  })
  return results
}

/** Adds what has come for the batch's keys, as much as there is room for; returns what it added. */
function topUp<C, R>(
  shares: Shares<C, R>,
  size: number,
  queues: KeyQueues<Entry<C, R>>,
  { bounds, mayJoin = () => true }: GroupCommitOptions<C, R>,
): Entry<C, R>[] {
  let room = Math.max(0, bounds.maxBatchSize - size)
  return shares.flatMap((share) => {
    if (!mayJoin(share.queue.key)) return []
    const added = queues.topUp(share, room)
    room -= added.length
    return added
  })
}

function failed(error: unknown): BatchResult<never> {
  return { status: 'failed', error: error instanceof Error ? error : new Error(String(error)) }
}
