import type { Test } from 'tap'

/** A seed of this run's own, printed; SEED in the environment repeats a run. */
export function seedFor(t: Test): number {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
  t.comment(`SEED=${seed}`)
  return seed
}

export interface Random {
  /** A whole number from 0 on, below the limit. */
  readonly below: (limit: number) => number
}

/** Random numbers that a seed repeats (mulberry32). */
export function randomOf(seed: number): Random {
  let state = seed
  return {
    below(limit) {
      state = (state + 0x6d2b79f5) | 0
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
    },
  }
}

/** The items in an order of their own, the same in each run of the suite. */
export function shuffle<T>(items: readonly T[], seed = 1): T[] {
  const { below } = randomOf(seed)
  return items
    .map((item) => [below(2 ** 32), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item)
}
