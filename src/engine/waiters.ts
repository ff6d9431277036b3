import type { Group } from './groups.ts'

/** A request that waits for what is read. */
export interface Waiter<V> {
  /** Whose it is. */
  readonly group: Group
  readonly isAbandoned: () => boolean
  readonly arrivedAt: number
  readonly resolve: (value: V | null) => void
  readonly reject: (error: Error) => void
  /** Its fate is decided; it may be told so a little later. */
  isSettled: boolean
}

/** Requests by the key that they ask for, in order of arrival. */
export type Waiters<K, V> = Map<K, Waiter<V>[]>

/** Those without an answer that arrived at `latest` or before, by the clock of `performance.now`. */
export function lateOf<K, V>(waiters: Waiters<K, V>, latest: number): Waiter<V>[] {
  return [...waiters.values()]
    .flat()
    .filter(({ isSettled, arrivedAt }) => !isSettled && arrivedAt <= latest)
}
