import { Type } from '@sinclair/typebox'
import { RULE_KEYWORD } from '../../config/describe-rule.ts'

/** The keyword for texts that are the name of a time zone. */
export const TIME_ZONE_KEYWORD = 'x-time-zone'

/**
 * The name of a time zone of the IANA's, or an alias of one, as far as this runtime knows it. No offset
 * from UTC: that is no zone, and newer runtimes take it for one.
 */
export function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z]/.test(text)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return true
  } catch {
    return false
  }
}

/** A time zone by its name. */
export function TimeZone(options: { description: string }) {
  return Type.String({
    maxLength: 64,
    pattern: '^[A-Za-z][A-Za-z0-9_+/-]*$',
    [TIME_ZONE_KEYWORD]: true,
    [RULE_KEYWORD]: 'the name of an IANA time zone, such as Europe/Berlin, or null',
    examples: ['Europe/Berlin'],
    ...options,
  })
}
