/**
 * How the values of a column are written: as they are, what has members as JSON; or with a guard, since
 * they are somebody's own text.
 */
type Kind = 'value' | 'text'

type RowOf<Columns> = { readonly [Name in keyof Columns]: unknown }

/** The columns of a list as CSV, in their order: one for each member that its rows have as JSON. */
export type CsvColumns<Row extends object> = { readonly [Name in keyof Row]-?: Kind }

/**
 * By what a spreadsheet takes a cell for a formula: some do so, by the language they are set to, for the
 * full-width and the small forms of the signs too (U+FF0B and the like), and for the minus sign.
 */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠﹦﹢﹣﹫−]/

/** The first line (RFC 4180): the names of the columns. */
export function csvHeader(columns: Readonly<Record<string, Kind>>): string {
  return `${Object.keys(columns).join(',')}\r\n`
}

/** The lines of some rows, each with its end. What is null is an empty cell. */
export function csvRows<Columns extends Readonly<Record<string, Kind>>>(
  columns: Columns,
  rows: readonly RowOf<Columns>[],
): string {
  const kinds = Object.entries(columns)
  const lineOf = (row: Readonly<Record<string, unknown>>): string =>
    `${kinds.map(([name, kind]) => cellOf(row[name], kind)).join(',')}\r\n`
  return rows.map(lineOf).join('')
}

function cellOf(value: unknown, kind: Kind): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  // Nobody's name is to be run by whoever opens the file.
  return quoted(kind === 'text' ? text.replace(FORMULA, "'$&") : text)
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
