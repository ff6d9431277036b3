import { Ajv } from 'ajv'
import formats from 'ajv-formats'

const isDateTime = formats
  .default(new Ajv(), ['date-time'])
  .compile({ type: 'string', format: 'date-time' })

const EARLIEST_MS = Date.parse('0001-01-01T00:00:00Z')
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z')

/**
 * Whether a text is a date-time of RFC 3339 with an offset, in a year that both JavaScript and
 * PostgreSQL write with four digits.
 */
export function isInstant(text: string): boolean {
  if (!isDateTime(text)) return false
  // NaN for what only the format allows, such as a leap second.
  const atMs = Date.parse(text)
  return atMs >= EARLIEST_MS && atMs <= LATEST_MS
}
