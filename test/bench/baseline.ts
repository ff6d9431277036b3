import { BEST, GOALS } from './goals.ts'
import { medianOf, valuesOf } from './metrics.ts'
import type { Results } from './results.ts'
import type { Scenario } from './scenarios.ts'

const BARE = 'bare'

/** Whether the scenario has the bare route, to which all of its runs are held. */
export function hasBare({ runs }: Pick<Scenario, 'runs'>): boolean {
  return runs.some(({ id }) => id === BARE)
}

/**
 * The id of the run that a run is held against: the bare route where the scenario has it, else what
 * its goal names, else the scenario's first. Null for a run that is itself what others are held
 * against.
 */
export function baselineOf(scenario: Pick<Scenario, 'name' | 'runs'>, id: string): string | null {
  if (hasBare(scenario)) return id === BARE ? null : BARE
  const goals = GOALS.filter((goal) => goal.scenario === scenario.name && goal.to !== BEST)
  if (goals.some(({ to }) => to === id)) return null
  const base = goals.find(({ of }) => of === id)?.to ?? scenario.runs[0]?.id
  return base === undefined || base === id ? null : base
}

/** How a run did, by what its scenario is about, as multiples of another run of the same results. */
export interface Ratio {
  /** Of the medians; NaN where one of the two was not measured. */
  readonly ofMedians: number
  /** Round by round: both sides met the same mood of the machine. */
  readonly ofRounds: readonly number[]
}

export function ratioTo(results: Results, scenario: string, run: string, base: string): Ratio {
  const bases = valuesOf(results, scenario, base)
  return {
    ofMedians: medianOf(results, scenario, run) / medianOf(results, scenario, base),
    ofRounds: valuesOf(results, scenario, run).map((value, round) => value / (bases[round] ?? NaN)),
  }
}
