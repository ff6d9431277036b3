import { columns, number } from '../report/columns.ts'
import { median } from '../statistics.ts'
import type { Turnover } from './run.ts'
import type { TableSample } from './sample.ts'

const MEGABYTE = 1_000_000
const A_TENTH = 1 / 10

/** What is left of it in the tables, and whether it grew slower. */
export function turnoverTable(turnover: Turnover): string {
  const { requests, holds, keys, tables, truth } = turnover
  const rows = tables.map((table) => [
    table.name,
    number(table.tableBytes / MEGABYTE),
    number(table.indexBytes / MEGABYTE),
    number((table.tableBytes + table.indexBytes) / truth.bookings),
    whole(table.liveRows),
    whole(table.deadRows),
    whole(mostOf(turnover, table.name, ({ deadRows }) => deadRows)),
    whole(table.autovacuums),
  ])
  const header = ['', 'MB', 'of indexes, MB', 'bytes a booking', 'rows', 'dead', 'dead, at most']
  return [
    `Turnover: ${whole(requests)} bookings of one event, ${whole(holds)} of them holds that expired, ${whole(keys)} under keys`,
    columns([[...header, 'autovacuums'], ...rows]),
    ...figures(turnover).map((line) => `  ${line}`),
  ].join('\n')
}

function figures(turnover: Turnover): string[] {
  const { tables, truth } = turnover
  const bytes = tables.reduce((sum, table) => sum + table.tableBytes + table.indexBytes, 0)
  const events = tables.find(({ name }) => name === 'events')
  const [first, last] = tenths(turnover)
  return [
    `${number(bytes / truth.bookings)} bytes a booking that stayed, with all that was stored beside it`,
    `events: one row in ${whole(events?.pages ?? 0)} pages, at most ${whole(mostOf(turnover, 'events', ({ pages }) => pages))}; ` +
      `${heapOnly(events)} of ${whole(events?.updates ?? 0)} updates heap-only`,
    `the first tenth ${number(first)} requests/s, the last ${number(last)}: ${(last / first).toFixed(2)} ×`,
  ]
}

/** Requests a second of the first and of the last tenth. */
export function tenths({ pieces }: Turnover): [first: number, last: number] {
  const rates = pieces.map(({ requestsPerSecond }) => requestsPerSecond)
  const count = Math.max(1, Math.round(rates.length * A_TENTH))
  return [median(rates.slice(0, count)), median(rates.slice(-count))]
}

function mostOf(turnover: Turnover, name: string, of: (table: TableSample) => number): number {
  const samples = [...turnover.pieces.flatMap(({ tables }) => tables), ...turnover.tables]
  return Math.max(...samples.filter((table) => table.name === name).map(of))
}

function heapOnly(events: TableSample | undefined): string {
  if (events === undefined || events.updates === 0) return '–'
  return `${((events.heapOnlyUpdates / events.updates) * 100).toFixed(1)} %`
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
