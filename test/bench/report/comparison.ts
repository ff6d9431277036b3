import { figuresOf, medianOf } from '../figures.ts'
import type { Results } from '../results.ts'
import { SCENARIOS } from '../scenarios.ts'
import { columns, labelOf, number } from './table.ts'

/** Two runs side by side: the figures, and the service's own measurements. */
export function comparisonTable(before: Results, now: Results): string {
  const earlier = new Map(figuresOf(before).map(({ text, ratio }) => [text, ratio]))
  const figures = figuresOf(now).map(({ text, ratio }) => row(text, earlier.get(text), ratio))
  const measured = SCENARIOS.flatMap(({ name, title, runs }) =>
    runs
      .filter(({ candidate }) => candidate === 'service')
      .map((run) => {
        const [then, today] = [before, now].map((results) => medianOf(results, name, run.id))
        return row(`${title}: ${labelOf(run)}`, then, today)
      }),
  )
  const rows = [...figures, ...measured].filter((row) => row !== null)
  return `Compared\n${columns([['', 'before', 'now', 'now : before'], ...rows])}`
}

/** Null where only one of the two has it. */
function row(text: string, before = NaN, now = NaN): string[] | null {
  const ratio = now / before
  if (Number.isNaN(ratio)) return null
  return [text, number(before), number(now), `${ratio.toFixed(3)} ×`]
}
