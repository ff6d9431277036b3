import type { Results } from './results.ts'
import { GOODPUT_CLIENTS, SCENARIOS } from './scenarios.ts'
import { median } from './statistics.ts'

interface Goal {
  readonly scenario: string
  /**
   * Ids of runs of that scenario: the median of the one is divided by that of the other, or by the
   * best of all.
   */
  readonly of: string
  readonly to: string
  readonly bound: 'at least' | 'at most'
  readonly ratio: number
  readonly text: string
}

const BEST = 'best'

/** What the service promises to reach, on one machine in one run. */
const GOALS: readonly Goal[] = [
  atLeast(0.5, 'hot', 'empty', 'one hot event, to the empty route'),
  atLeast(20, 'hot', 'predecessor', "one hot event, to the predecessor's algorithm"),
  atLeast(0.45, 'many', 'empty', '1,000 events, to the empty route'),
  atLeast(1.5, 'many', 'single', '1,000 events, to the single statement'),
  atLeast(0.7, 'sold-out', 'empty', 'sold out, to the empty route'),
  atLeast(0.95, 'well-booked', 'service-none', '100,000 bookings, to none'),
  atMost(1, 'one-client', 'predecessor', "one client, latency to the predecessor's"),
  atLeast(0.9, 'mass', 'service-256', '1,000 clients, to 256'),
  atLeast(1, 'two-processes', 'service-one', 'two processes, to one'),
  atMost(3, 'storm', 'service-calm', 'cold events, p99 in a storm to calm'),
  atLeast(0.8, 'reads', 'empty', 'reads of one hot event, to the empty route'),
  ...goodput('goodput-reads', 'good answers to reads'),
  ...goodput('goodput-confirm', 'good answers to confirm'),
  ...goodput('goodput-reserve', 'good answers to reserve'),
]

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
  return GOALS.flatMap(({ scenario, of, to, bound, ratio: goal, text }) => {
    const base = to === BEST ? bestOf(results, scenario) : medianOf(results, scenario, to)
    const ratio = medianOf(results, scenario, of) / base
    if (Number.isNaN(ratio)) return []
    const isReached = bound === 'at least' ? ratio >= goal : ratio <= goal
    return [{ text, bound, goal, ratio, isReached }]
  })
}

/** The median over the rounds of what the scenario is about; NaN where it was not measured. */
export function medianOf(results: Results, scenario: string, run: string): number {
  const metric = SCENARIOS.find(({ name }) => name === scenario)?.metric ?? 'requestsPerSecond'
  return median((results[scenario]?.[run] ?? []).map((measurement) => measurement[metric]))
}

function bestOf(results: Results, scenario: string): number {
  const runs = Object.keys(results[scenario] ?? {})
  return Math.max(...runs.map((run) => medianOf(results, scenario, run)))
}

/** However many more clients there are than can be served at once. */
function goodput(scenario: string, text: string): Goal[] {
  return GOODPUT_CLIENTS.filter((clients) => clients > 1000).map((clients) => ({
    scenario,
    of: String(clients),
    to: BEST,
    bound: 'at least',
    ratio: 0.7,
    text: `${text}, ${clients} clients to the best`,
  }))
}

function atLeast(ratio: number, scenario: string, to: string, text: string): Goal {
  return { scenario, of: 'service', to, bound: 'at least', ratio, text }
}

function atMost(ratio: number, scenario: string, to: string, text: string): Goal {
  return { scenario, of: 'service', to, bound: 'at most', ratio, text }
}
