/**
 * How the texts of a column are written: as they are, or with a guard, since they are somebody's own. What has
 * members is JSON, with a guard in any case.
 */
type Kind = 'value' | 'text'

type RowOf<Columns> = { readonly [Name in keyof Columns]: unknown }

/** The columns of a list as CSV, in their order: one for each member that its rows have as JSON. */
export type CsvColumns<Row extends object> = { readonly [Name in keyof Row]-?: Kind }

/**
 * By what a spreadsheet takes a cell for a formula: some do so, by the language they are set to, for the
 * full-width and the small forms of the signs too (U+FF0B and the like), and for the minus sign. A cell begins
 * within ours, too, where a spreadsheet separates them by semicolons, or by anything but commas: it does not know
 * our quotes then, which are not where its own cells begin, and drops those in front of the sign.
 */
const FORMULA = /(?<=(?:^|[;|\t\r\n])[" ]*)[=+\-@＝＋－＠﹦﹢﹣﹫−]/g

/** What some spreadsheets pass over at the beginning of a cell. */
const SPACE_FIRST = /^[\t\r\n]/

/** Whether a text may come apart, be it by our comma or by what others separate cells by. */
const TO_BE_QUOTED = /[",;|\t\r\n]/

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
  if (typeof value !== 'string') return quoted(guardedJson(JSON.stringify(value)))
  return quoted(kind === 'text' ? guarded(value) : value)
}

/** Nobody's name is to be run by whoever opens the file. */
function guarded(text: string): string {
  return text.replace(FORMULA, "'$&").replace(SPACE_FIRST, "'$&")
}

/** The same values in JSON: what separates cells is in strings only, where a sign can be escaped. */
function guardedJson(json: string): string {
  return json.replace(FORMULA, (sign, at) => (at === 0 ? sign : escaped(sign)))
}

function escaped(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function quoted(text: string): string {
  return TO_BE_QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
