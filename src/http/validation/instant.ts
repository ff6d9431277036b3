import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import { isShowable } from '../../domain/moment.ts'

const isDateTime = formats
  .default(new Ajv(), ['date-time'])
  .compile({ type: 'string', format: 'date-time' })

/**
 * Whether a text is a date-time of RFC 3339 with an offset, in a year that both JavaScript and
 * PostgreSQL write with four digits.
 */
export function isInstant(text: string): boolean {
  if (!isDateTime(text)) return false
  // No date for what only the format allows, such as a leap second.
  return isShowable(new Date(text))
}
