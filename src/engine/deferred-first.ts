import type { GroupShare } from './group-queues.ts'

interface Arrived {
  readonly arrivedAt: number
}

/**
 * The shares of a batch in an order in which nobody is put off for ever: those come first of which commands
 * have been put off, whose commands have waited longest before others; the rest stay as they are. What a
 * batch has room for is given out in this order, so that whoever is put off again and again comes to be the
 * first. It does not matter what else of a share was decided.
 *
 * @param isDeferred - whether a command has been put off
 */
export function deferredFirst<E extends Arrived>(
  shares: readonly GroupShare<E>[],
  isDeferred: (entry: E) => boolean,
): readonly GroupShare<E>[] {
  if (!shares.some(({ entries }) => entries.some(isDeferred))) return shares
  const since = new Map(shares.map((share) => [share, oldestOf(share.entries.filter(isDeferred))]))
  // It is stable, and where neither has been put off the difference is no number.
  return [...shares].sort(
    (one, other) => (since.get(one) ?? Infinity) - (since.get(other) ?? Infinity) || 0,
  )
}

function oldestOf(entries: readonly Arrived[]): number {
  return entries.reduce((oldest, { arrivedAt }) => Math.min(oldest, arrivedAt), Infinity)
}
