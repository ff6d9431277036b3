import type { Measurement } from './measure.ts'
import type { Results } from './results.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'
import { median } from './statistics.ts'

/** What scenarios and goals are about. */
export type Metric = Scenario['metric'] | 'serverMicrosPerAnswer' | 'bookingsP99Ms'

/** Of rates more is better, of times less. */
export function isRate(metric: Metric): boolean {
  return metric === 'requestsPerSecond' || metric === 'goodPerSecond'
}

/** The values of all rounds, in their order; none where it was not measured. */
export function valuesOf(
  results: Results,
  scenario: string,
  run: string,
  metric: Metric = metricOf(scenario),
): number[] {
  return (results[scenario]?.[run] ?? []).map((measurement) => valueOf(measurement, metric))
}

/** The median over the rounds of what the scenario is about; NaN where it was not measured. */
export function medianOf(
  results: Results,
  scenario: string,
  run: string,
  metric: Metric = metricOf(scenario),
): number {
  return median(valuesOf(results, scenario, run, metric))
}

function metricOf(scenario: string): Metric {
  return SCENARIOS.find(({ name }) => name === scenario)?.metric ?? 'requestsPerSecond'
}

function valueOf(measurement: Measurement, metric: Metric): number {
  return metric === 'bookingsP99Ms' ? (measurement.bookings?.p99Ms ?? NaN) : measurement[metric]
}
