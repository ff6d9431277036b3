import { medianOf } from '../metrics.ts'
import type { Report } from '../results.ts'
import { SCENARIOS, type Run, type Scenario } from '../scenarios.ts'
import { number } from './columns.ts'
import { labelOf } from './table.ts'

const WIDTH = 860
const MARGIN = 28
const BARS_AT = 300
const BARS_WIDTH = WIDTH - BARS_AT - MARGIN - 70
const BAR = 16
const ROW = 24
const PANEL_TITLE = 34
const HEADER = 78

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .card { fill: #ffffff; stroke: #d1d9e0 }
  .title { font-size: 18px; font-weight: 600 }
  .panel { font-weight: 600 }
  .small { font-size: 12px; fill: #59636e }
  .bar { fill: #afb8c1 }
  .ours { fill: #0969da }
  .part { fill: #0969da; opacity: 0.4 }
  .bound { fill: none; stroke: #818b98; stroke-dasharray: 3 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .card { fill: #0d1117; stroke: #3d444d }
    .small { fill: #9198a1 }
    .bar { fill: #656c76 }
    .ours { fill: #4493f8 }
    .part { fill: #4493f8 }
    .bound { stroke: #9198a1 }
  }`

/**
 * The medians as bars, one panel a scenario, all on one linear scale. It brings its own background
 * and colours for light and dark, and needs nothing from elsewhere.
 */
export function chart(report: Report): string {
  const panels = SCENARIOS.filter(({ inChart, name }) => inChart && report.results[name])
  const most = Math.max(
    ...panels.flatMap(({ name, runs }) => runs.map(({ id }) => medianOf(report.results, name, id))),
  )
  let y = HEADER
  const parts = panels.map((scenario) => {
    const part = panel(scenario, report, most, y)
    y += PANEL_TITLE + scenario.runs.length * ROW
    return part
  })
  const height = y + MARGIN
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title about">
<title id="title">Requests answered a second</title>
<desc id="about">${escape(descriptionOf(report, panels))}</desc>
<style>${STYLE}
</style>
<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>
<text class="title" x="${MARGIN}" y="38">Requests answered a second (longer is better)</text>
<text class="small" x="${MARGIN}" y="60">${escape(footnote(report))}</text>
${parts.join('\n')}
</svg>
`
}

function panel({ name, title, runs }: Scenario, report: Report, most: number, y: number): string {
  const rows = runs.map((run, i) => {
    const value = medianOf(report.results, name, run.id)
    return row(run, value, (value / most) * BARS_WIDTH, y + PANEL_TITLE + i * ROW)
  })
  return `<text class="panel" x="${MARGIN}" y="${y + 24}">${escape(title)}</text>\n${rows.join('\n')}`
}

function row(run: Run, value: number, length: number, y: number): string {
  const middle = y + BAR - 4
  const width = Math.max(1, length).toFixed(1)
  return (
    `<text x="${BARS_AT - 10}" y="${middle}" text-anchor="end">${escape(labelOf(run))}</text>` +
    `<rect class="${styleOf(run)}" x="${BARS_AT}" y="${y}" width="${width}" height="${BAR}" rx="2"/>` +
    `<text x="${(BARS_AT + length + 8).toFixed(1)}" y="${middle}">${number(value)}</text>`
  )
}

function styleOf({ candidate }: Run): string {
  if (candidate === 'service') return 'ours'
  // No rivals: the most that could be reached, and ourselves without a database.
  if (candidate === 'bare') return 'bound'
  return candidate === 'empty' ? 'part' : 'bar'
}

function footnote({ machine, postgresql, rounds }: Report): string {
  const { cpu, cores, memoryGiB, node, date } = machine
  return (
    `${cpu}, ${cores} cores for all, ${memoryGiB} GiB · Node.js ${node.slice(1)} · PostgreSQL ` +
    `${postgresql.server_version ?? ''}, fsync on · median of ${rounds} · ${date.slice(0, 10)}`
  )
}

/** The same in words, for those who don't see it. */
function descriptionOf({ results }: Report, panels: readonly Scenario[]): string {
  return panels
    .map(({ name, title, runs }) => {
      const values = runs.map((run) => `${labelOf(run)} ${number(medianOf(results, name, run.id))}`)
      return `${title}: ${values.join(', ')}.`
    })
    .join(' ')
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
