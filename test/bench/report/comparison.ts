import { compare } from '../comparison.ts'
import type { Results } from '../results.ts'
import { columns, number } from './columns.ts'
import { labelOf } from './table.ts'

/** What got slower than in earlier results, each run as a multiple of its own results' baseline. */
export function comparisonTable(before: Results, now: Results): string {
  const rows = compare(before, now).map((compared) => [
    `${compared.scenario.name}: ${labelOf(compared.run)}`,
    compared.base,
    `${number(compared.before)} ×`,
    `${number(compared.now)} ×`,
    `${(compared.now / compared.before).toFixed(3)} ×`,
    compared.isSlower ? 'SLOWER' : '',
  ])
  if (rows.length === 0) return 'Compared: the two have no run and its baseline in common'
  const header = ['', 'as a multiple of', 'before', 'now', 'now : before', '']
  return `Compared, each with its own baseline\n${columns([header, ...rows])}`
}
