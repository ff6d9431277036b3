import type { Gathered } from '../gathered/run.ts'
import { columns, number } from './columns.ts'

/** The promises that hold where much has gathered, and what was measured. */
export function gatheredTable({ checks, watched, serverCpuShare }: Gathered): string {
  const rows = checks.map(({ text, value, unit, atMost, isKept, note }) => [
    text,
    value === null ? 'never' : `${number(value)} ${unit}`,
    `${number(atMost)} ${unit}`,
    isKept ? 'kept' : 'NOT KEPT',
    note,
  ])
  const percent = (share: number): string => `${Math.round(share * 100)} %`
  return [
    'All at once: holds that expire, a line that is served, a deletion',
    columns([['', 'measured', 'at most', '', 'beside'], ...rows]),
    `  of a core: the service ${percent(serverCpuShare)}, the load ${percent(watched.cpuShare)}`,
  ].join('\n')
}
