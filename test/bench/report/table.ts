import { CANDIDATES } from '../candidates/names.ts'
import { figuresOf, medianOf } from '../figures.ts'
import type { Results } from '../results.ts'
import type { Run, Scenario } from '../scenarios.ts'
import { median } from '../statistics.ts'

const UNITS = {
  requestsPerSecond: 'requests/s',
  goodPerSecond: 'good answers/s',
  medianMs: 'median ms',
  p99Ms: 'p99 ms',
} as const

/** Medians of each scenario's runs, with their ratio to the service. */
export function scenarioTable(scenario: Scenario, results: Results): string {
  const { metric, name, title } = scenario
  const ours = medianOf(results, name, 'service')
  const header = [
    '',
    UNITS[metric],
    'lowest–highest',
    'service : it',
    'median ms',
    'p99 ms',
    'cpu µs',
  ]
  const rows = scenario.runs.map((run) => {
    const all = results[name]?.[run.id] ?? []
    const values = all.map((measurement) => measurement[metric])
    const middle = median(values)
    return [
      labelOf(run),
      number(middle),
      `${number(Math.min(...values))}–${number(Math.max(...values))}`,
      run.id === 'service' ? '' : `${number(ours / middle)} ×`,
      number(median(all.map(({ medianMs }) => medianMs))),
      number(median(all.map(({ p99Ms }) => p99Ms))),
      number(median(all.map(({ serverMicrosPerAnswer }) => serverMicrosPerAnswer))),
    ]
  })
  return `${title}\n${columns([header, ...rows])}`
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

/** Three digits that count, or whole numbers. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

/** Lays a table out: the first column to the left, the others to the right. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((row) => (row[i] ?? '').length)),
  )
  return rows
    .map((row) => {
      const cells = row.map((cell, i) =>
        i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0),
      )
      return `  ${cells.join('  ')}`.trimEnd()
    })
    .join('\n')
}
