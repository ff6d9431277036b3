import { baselineOf, ratioTo, type Ratio } from './baseline.ts'
import { isRate } from './metrics.ts'
import type { Results } from './results.ts'
import { SCENARIOS, type Run, type Scenario } from './scenarios.ts'

/** Less than that is the machine's mood. */
const SLOWER_FROM = 1.05

/** How one of the service's runs does beside the same in earlier results. */
export interface Comparison {
  readonly scenario: Scenario
  readonly run: Run
  /** The id of the run that both are multiples of, each of the one in its own results. */
  readonly base: string
  readonly before: number
  readonly now: number
  /** By more than the rounds differ among themselves, and by more than 5 %. */
  readonly isSlower: boolean
}

/**
 * Compares two runs of the benchmark by what each measured as multiples of its own baseline: figures
 * of two runs by themselves differ as the machine does. What only one of them has is left out.
 */
export function compare(before: Results, now: Results): Comparison[] {
  return SCENARIOS.flatMap((scenario) =>
    scenario.runs
      .filter(({ candidate }) => candidate === 'service')
      .flatMap((run) => compareRun(scenario, run, before, now)),
  )
}

function compareRun(scenario: Scenario, run: Run, before: Results, now: Results): Comparison[] {
  const base = baselineOf(scenario, run.id)
  if (base === null) return []
  const [earlier, later] = [
    ratioTo(before, scenario.name, run.id, base),
    ratioTo(now, scenario.name, run.id, base),
  ]
  if (Number.isNaN(later.ofMedians / earlier.ofMedians)) return []
  const isSlower = isRate(scenario.metric) ? isLess(later, earlier) : isLess(earlier, later)
  return [{ scenario, run, base, before: earlier.ofMedians, now: later.ofMedians, isSlower }]
}

/** Whether each round of the one is below each of the other, and the medians are well apart. */
function isLess(one: Ratio, other: Ratio): boolean {
  return (
    other.ofMedians / one.ofMedians > SLOWER_FROM &&
    Math.max(...one.ofRounds) < Math.min(...other.ofRounds)
  )
}
