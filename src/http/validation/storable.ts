import type { SchemaValidateFunction } from 'ajv'
import { isStorableText } from '../../store/storable-text.ts'

/** The keyword that bounds free JSON: `{"maxBytes": …, "maxDepth": …}`. */
export const STORABLE_KEYWORD = 'x-storable'

interface Bounds {
  readonly maxBytes: number
  readonly maxDepth: number
}

type Flaw = 'depth' | 'text' | 'number'

/**
 * Whether the value can be stored and read back with SQL, within bounds: PostgreSQL's `json` keeps NUL
 * and lone surrogates as they are written, but fails when such a text is taken out of it. A number
 * that no double can hold is told of in words of its own: JSON allows it.
 */
export const isStorable: SchemaValidateFunction = ({ maxBytes, maxDepth }: Bounds, value) => {
  const flaw = flawOf(maxDepth, value)
  // Where it names no error, the validator makes the usual one.
  if (flaw === 'number') isStorable.errors = [{ params: { flaw: NUMBER_TOO_LARGE } }]
  else delete isStorable.errors
  return flaw === undefined && Buffer.byteLength(JSON.stringify(value)) <= maxBytes
}

const NUMBER_TOO_LARGE = 'must not have a number beyond the range of a double, such as 1e400'

function flawOf(depth: number, value: unknown): Flaw | undefined {
  if (typeof value === 'string') return isStorableText(value) ? undefined : 'text'
  // JavaScript reads a number that it can't hold as infinity.
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'number'
  if (typeof value !== 'object' || value === null) return undefined
  if (depth === 0) return 'depth'
  for (const [name, member] of Object.entries(value)) {
    const flaw = isStorableText(name) ? flawOf(depth - 1, member) : 'text'
    if (flaw !== undefined) return flaw
  }
  return undefined
}
