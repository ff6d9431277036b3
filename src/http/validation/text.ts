import { Type } from '@sinclair/typebox'
import { RULE_KEYWORD } from '../../config/describe-rule.ts'

/** The keyword for texts without lone surrogates, which UTF-8 can't encode. */
export const WELL_FORMED_KEYWORD = 'x-well-formed'

/** The keyword for texts that have more in them than white space. */
export const NOT_BLANK_KEYWORD = 'x-not-blank'

/**
 * A text of 1 to 255 code points without control characters (category Cc): PostgreSQL refuses NUL,
 * and the others can't be told apart in a log. The pattern means the same in every engine, with
 * JavaScript's flag `u` and without it, so that generated validators agree with ours.
 */
export function Text(options: { description: string; [keyword: string]: unknown }) {
  return Type.String({
    minLength: 1,
    maxLength: 255,
    pattern: '^[^\\x00-\\x1f\\x7f-\\x9f]*$',
    [WELL_FORMED_KEYWORD]: true,
    [RULE_KEYWORD]: 'a string of 1 to 255 characters without control characters',
    ...options,
  })
}
