import { BEST, GOALS, type Goal } from './goals.ts'
import { medianOf } from './metrics.ts'
import type { Results } from './results.ts'

/** A goal with what was measured. */
export interface Figure {
  readonly text: string
  readonly bound: Goal['bound']
  readonly goal: number
  readonly ratio: number
  readonly isReached: boolean
}

/** The figures for which the run has measured both sides. */
export function figuresOf(results: Results): Figure[] {
  return GOALS.flatMap((goal) => {
    const { bound, text } = goal
    const ratio = medianOf(results, goal.scenario, goal.of, goal.metric) / baseOf(results, goal)
    if (Number.isNaN(ratio)) return []
    const isReached = bound === 'at least' ? ratio >= goal.ratio : ratio <= goal.ratio
    return [{ text, bound, goal: goal.ratio, ratio, isReached }]
  })
}

function baseOf(results: Results, { scenario, to, metric }: Goal): number {
  if (to !== BEST) return medianOf(results, scenario, to, metric)
  const runs = Object.keys(results[scenario] ?? {})
  return Math.max(...runs.map((run) => medianOf(results, scenario, run, metric)))
}
