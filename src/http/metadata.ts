import { Type } from '@sinclair/typebox'
import { RULE_KEYWORD } from '../config/describe-rule.ts'
import { STORABLE_KEYWORD } from './validation/storable.ts'

const MAX_METADATA_BYTES = 16_384
const MAX_METADATA_DEPTH = 16

// Not Type.Record: its pattern for names, `^(.*)$`, drops those with a line break.
const freeObject = (options: object) =>
  Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true, ...options })

/** What a client may store with a thing. */
export const Metadata = freeObject({
  [STORABLE_KEYWORD]: { maxBytes: MAX_METADATA_BYTES, maxDepth: MAX_METADATA_DEPTH },
  [RULE_KEYWORD]:
    `an object of at most ${MAX_METADATA_BYTES} bytes as JSON, nested at most ` +
    `${MAX_METADATA_DEPTH} deep, without NUL characters, lone surrogates and numbers beyond ±1.8e308`,
  description: 'Any JSON object of the client; default: {}',
})

/** The same, as it is shown. */
export const StoredMetadata = freeObject({ description: 'The JSON object that the client stored' })
