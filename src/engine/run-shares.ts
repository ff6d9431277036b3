import { deferredFirst } from './deferred-first.ts'
import type { FairQueues } from './fair-queues.ts'
import type { BatchResult, GroupCommitOptions } from './group-commit-options.ts'
import type { Batch, GroupShare } from './group-queues.ts'
import type { CommandTrace } from './traces.ts'

/** A command that waits for its result. */
export interface Entry<C, R> {
  readonly command: C
  readonly isAbandoned: () => boolean
  readonly trace: CommandTrace | undefined
  readonly arrivedAt: number
  readonly resolve: (value: R) => void
  readonly reject: (error: Error) => void
  /** Whether a batch has put it off. */
  wasDeferred: boolean
  /** Whether its caller was told that its time is up: it must not come into another batch. */
  isGivenUp: boolean
}

export type EntryBatch<C, R> = Batch<Entry<C, R>>

export type Results<C, R> = ReadonlyMap<Entry<C, R>, BatchResult<R>>

/**
 * Runs one batch without the commands that nobody waits for, with those that may join it on the way.
 * Never rejects: there is a result for each.
 */
export async function runShares<C, R>(
  taken: EntryBatch<C, R>,
  queues: FairQueues<Entry<C, R>>,
  options: GroupCommitOptions<C, R>,
): Promise<Results<C, R>> {
  const { mode, maxSize } = taken
  const shares = deferredFirst(taken.shares, ({ wasDeferred }) => wasDeferred)
  const results = new Map<Entry<C, R>, BatchResult<R>>()
  const entries: Entry<C, R>[] = []
  const trace = options.follow?.()
  const include = (some: readonly Entry<C, R>[]): C[] => {
    const wanted = some.filter((entry) => {
      if (!entry.isAbandoned()) return true
      results.set(entry, failed(options.errors.notStarted()))
      return false
    })
    entries.push(...wanted)
    if (trace !== undefined) {
      for (const entry of wanted) if (entry.trace) trace.onTaken(entry.trace, entry.arrivedAt)
    }
    return wanted.map(({ command }) => command)
  }
  const commands = include(shares.flatMap((share) => share.entries))
  // `run` knows of no other keys than those of the commands that it began with.
  const begun = shares.filter((share) => share.entries.some((entry) => !results.has(entry)))
  const first = entries[0]
  if (first === undefined) return results
  const startedAt = performance.now()
  const more = (): C[] =>
    include(topUp(taken, { begun, maxAdded: maxSize - entries.length }, queues, options))
  const batch = await options
    .run(commands, mode, more, trace)
    .catch((error: unknown) => entries.map(() => failed(error)))
  entries.forEach((entry, i) => {
    results.set(entry, batch[i] ?? failed(new Error('a batch gave too few results')))
  })
  const observation = {
    mode,
    size: entries.length,
    keys: shares.length,
    queued: queues.length,
    waitedMs: startedAt - first.arrivedAt,
    tookMs: performance.now() - startedAt,
  }
  options.observe?.(observation)
  trace?.onEnded(observation)
  return results
}

/** Adds what has come for the keys of the shares, up to `maxAdded`; returns what it added. */
function topUp<C, R>(
  batch: EntryBatch<C, R>,
  { begun, maxAdded }: { begun: readonly GroupShare<Entry<C, R>>[]; maxAdded: number },
  queues: FairQueues<Entry<C, R>>,
  { mayJoin = () => true }: GroupCommitOptions<C, R>,
): Entry<C, R>[] {
  let room = Math.max(0, maxAdded)
  return begun.flatMap((share) => {
    if (!mayJoin(share.queue.key)) return []
    const added = queues.topUp(batch, share, room)
    room -= added.length
    return added
  })
}

function failed(error: unknown): BatchResult<never> {
  return { status: 'failed', error: error instanceof Error ? error : new Error(String(error)) }
}
