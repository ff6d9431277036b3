import type { Static, TSchema } from '@sinclair/typebox'
import { Ajv, type ValidateFunction } from 'ajv'
import type { FastifySchemaCompiler } from 'fastify'
import { isInstant } from './instant.ts'
import { addKeywords } from './keywords.ts'

// `verbose` puts the schema beside an error, so that its text can state the rule.
const COMMON = { allErrors: false, verbose: true, allowUnionTypes: true, useDefaults: true }

/**
 * Compiles a route's request schemas. JSON has types of its own, so nothing in a body is coerced;
 * params, query and headers are text, so values are. Unknown members of a body are ignored: the
 * predecessor's clients may send some. Those of a query are refused: a filter that is misspelt would
 * show what nobody asked for.
 */
export function createValidatorCompiler(): FastifySchemaCompiler<object> {
  const strict = createAjv(false)
  const coercing = createAjv('array')
  return ({ schema, httpPart }) => {
    if (httpPart === 'body') return strict.compile(schema)
    const isQuery = httpPart === 'querystring'
    return coercing.compile(isQuery ? { ...schema, additionalProperties: false } : schema)
  }
}

/** Makes the check of what is not a body, and is to be as one by its schema. */
export function compileAsBody<T extends TSchema>(schema: T): ValidateFunction<Static<T>> {
  return createAjv(false).compile<Static<T>>(schema)
}

function createAjv(coerceTypes: boolean | 'array'): Ajv {
  const ajv = new Ajv({ ...COMMON, coerceTypes })
  addKeywords(ajv)
  ajv.addFormat('date-time', isInstant)
  return ajv
}
