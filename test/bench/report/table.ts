import { baselineOf, hasBare, ratioTo } from '../baseline.ts'
import { CANDIDATES } from '../candidates/names.ts'
import { figuresOf } from '../figures.ts'
import type { Measurement } from '../measure.ts'
import { valuesOf } from '../metrics.ts'
import type { Results } from '../results.ts'
import type { Run, Scenario } from '../scenarios.ts'
import { median } from '../statistics.ts'
import { columns, number } from './columns.ts'

const UNITS = {
  requestsPerSecond: ['requests', 'a second'],
  goodPerSecond: ['good', 'a second'],
  medianMs: ['median', 'ms'],
  p99Ms: ['p99', 'ms'],
} as const

const CPU_HEADER = [
  ['service', 'CPU µs'],
  ['postgres', 'CPU µs'],
  ['load', 'µs'],
  ['load, %:', 'core/all'],
] as const

/**
 * Medians of each scenario's runs, with their ratio to the bare route, or to the run that they are
 * held against; the CPU time of an answer; and the load generator's part of a core, and of all three.
 */
export function scenarioTable(scenario: Scenario, results: Results): string {
  const header: (readonly [above: string, below: string])[] = [
    ['', ''],
    UNITS[scenario.metric],
    ['lowest–', 'highest'],
    hasBare(scenario) ? ['to', 'bare'] : ['to its', 'base'],
    ['median', 'ms'],
    ['p99', 'ms'],
    ...CPU_HEADER,
  ]
  const rows = scenario.runs.map((run) => rowOf(scenario, run, results))
  const lines = [header.map(([above]) => above), header.map(([, below]) => below)]
  return `${scenario.title}\n${columns([...lines, ...rows])}`
}

function rowOf(scenario: Scenario, run: Run, results: Results): string[] {
  const { name } = scenario
  const all = results[name]?.[run.id] ?? []
  const values = valuesOf(results, name, run.id)
  const base = baselineOf(scenario, run.id)
  const ratio = base === null ? null : ratioTo(results, name, run.id, base).ofMedians
  const middle = (of: (measurement: Measurement) => number): number => median(all.map(of))
  return [
    labelOf(run),
    number(median(values)),
    `${number(Math.min(...values))}–${number(Math.max(...values))}`,
    ratio === null ? '' : `${number(ratio)} ×`,
    number(middle(({ medianMs }) => medianMs)),
    number(middle(({ p99Ms }) => p99Ms)),
    number(middle(({ serverMicrosPerAnswer }) => serverMicrosPerAnswer)),
    number(middle(({ postgresMicrosPerAnswer }) => postgresMicrosPerAnswer ?? NaN)),
    number(middle(({ generatorMicrosPerAnswer }) => generatorMicrosPerAnswer)),
    `${percent(middle(({ generatorShare }) => generatorShare))}/${percent(middle(partOfAll))}`,
  ]
}

/** The generator's part of the CPU time that all took; NaN where the system does not tell. */
function partOfAll(measurement: Measurement): number {
  const { serverMicrosPerAnswer: server, generatorMicrosPerAnswer: load } = measurement
  return load / (server + (measurement.postgresMicrosPerAnswer ?? NaN) + load)
}

function percent(part: number): string {
  return Number.isNaN(part) ? '–' : String(Math.round(part * 100))
}

/** What was to be reached, and whether it was. */
export function figureTable(results: Results): string {
  const rows = figuresOf(results).map(({ text, bound, goal, ratio, isReached }) => [
    text,
    `${ratio.toFixed(2)} ×`,
    `${bound} ${goal} ×`,
    isReached ? 'reached' : 'NOT REACHED',
  ])
  return `Figures\n${columns([['', 'measured', 'goal', ''], ...rows])}`
}

export function labelOf({ label, candidate }: Run): string {
  return label ?? CANDIDATES[candidate]
}
