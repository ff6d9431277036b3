/** The keyword by which a schema states its rule in words, if no other keyword expresses it. */
export const RULE_KEYWORD = 'x-rule'

interface Described {
  type?: unknown
  enum?: unknown
  minimum?: unknown
  maximum?: unknown
  minLength?: unknown
  maxLength?: unknown
  minItems?: unknown
  maxItems?: unknown
  [RULE_KEYWORD]?: unknown
}

/**
 * The rule of one value in words, to stand after "must be": from `x-rule`, else derived from the
 * schema's own keywords, so that a message can't drift from what is checked.
 */
export function describeRule(schema: object): string {
  const described: Described = schema
  const rule = described[RULE_KEYWORD]
  if (typeof rule === 'string') return rule
  if (Array.isArray(described.enum)) return `one of ${described.enum.filter(isNotNull).join(', ')}`
  switch (typeOf(described)) {
    case 'integer':
      return `an integer${range(described.minimum, described.maximum)}`
    case 'number':
      return `a number${range(described.minimum, described.maximum)}`
    case 'string':
      return `a string${lengths(described.minLength, described.maxLength)}`
    case 'boolean':
      return 'true or false'
    case 'array':
      return `an array${entries(described.minItems, described.maxItems)}`
    case 'object':
      return 'an object'
    default:
      return 'valid'
  }
}

/** `a`, `a and b`, `a, b and c`. */
export function listInWords(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} and ${words.slice(-1).join('')}`
}

// That null is taken too is said only where it means something, by a rule in words.
function typeOf({ type }: Described): unknown {
  return Array.isArray(type) ? type.find((name) => name !== 'null') : type
}

function isNotNull(value: unknown): boolean {
  return value !== null
}

function range(minimum: unknown, maximum: unknown): string {
  const hasMinimum = typeof minimum === 'number'
  const hasMaximum = typeof maximum === 'number'
  if (hasMinimum && hasMaximum) return ` between ${minimum} and ${maximum}`
  if (hasMinimum) return ` of at least ${minimum}`
  if (hasMaximum) return ` of at most ${maximum}`
  return ''
}

function lengths(minimum: unknown, maximum: unknown): string {
  const from = typeof minimum === 'number' ? minimum : 0
  if (typeof maximum === 'number') return ` of ${from} to ${maximum} characters`
  return from > 0 ? ` of at least ${from} characters` : ''
}

function entries(minimum: unknown, maximum: unknown): string {
  const hasMinimum = typeof minimum === 'number'
  const hasMaximum = typeof maximum === 'number'
  if (hasMinimum && hasMaximum) return ` of ${minimum} to ${maximum} entries`
  if (hasMinimum) return ` of at least ${minimum} entries`
  return hasMaximum ? ` of at most ${maximum} entries` : ''
}
