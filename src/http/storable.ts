/** The keyword that bounds free JSON: `{"maxBytes": …, "maxDepth": …}`. */
export const STORABLE_KEYWORD = 'x-storable'

interface Bounds {
  readonly maxBytes: number
  readonly maxDepth: number
}

/**
 * Whether the value can be stored and read back with SQL, within bounds: PostgreSQL's `json` keeps NUL
 * and lone surrogates as they are written, but fails when such a text is taken out of it.
 */
export function isStorable({ maxBytes, maxDepth }: Bounds, value: unknown): boolean {
  return isStorableTo(maxDepth, value) && Buffer.byteLength(JSON.stringify(value)) <= maxBytes
}

function isStorableTo(depth: number, value: unknown): boolean {
  if (typeof value === 'string') return isStorableText(value)
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  if (depth === 0) return false
  if (Array.isArray(value)) return value.every((item) => isStorableTo(depth - 1, item))
  return Object.entries(value).every(
    ([name, member]) => isStorableText(name) && isStorableTo(depth - 1, member),
  )
}

function isStorableText(text: string): boolean {
  return !/[\0\p{Cs}]/u.test(text)
}
