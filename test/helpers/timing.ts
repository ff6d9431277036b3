import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Test } from 'tap'

/**
 * How many times a promised time a test may take before it fails. The machine that runs the tests
 * may have much else to do: how well a promise is kept, the benchmark measures.
 */
const GROSS = 10

/** Fails where 95 of 100 answers do not keep the promised time, nor anything near it. */
export function checkWithin(
  t: Test,
  promise: string,
  promisedMs: number,
  tookMs: readonly number[],
): void {
  const p95 = Math.round(quantile(tookMs, 0.95))
  t.ok(tookMs.length > 0, 'there is something to measure')
  t.ok(p95 < GROSS * promisedMs, `${promise} within ${promisedMs} ms, grossly: p95 is ${p95} ms`)
}

/** The value below which so large a part of the values lies. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
}

/** Asks the same again and again until `work` has settled; gives how long each answer took. */
export async function repeatDuring(
  work: Promise<unknown>,
  ask: (time: number) => Promise<unknown>,
): Promise<number[]> {
  const during = { isOver: false }
  const end = (): void => {
    during.isOver = true
  }
  // Whoever began the work hears of its failure.
  work.then(end, end)
  const tookMs: number[] = []
  while (!during.isOver) {
    const startedAt = performance.now()
    await ask(tookMs.length)
    tookMs.push(performance.now() - startedAt)
    await nextTurn()
  }
  return tookMs
}
