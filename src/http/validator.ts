import { Ajv } from 'ajv'
import type { FastifySchemaCompiler } from 'fastify'
import { RULE_KEYWORD } from '../config/describe-rule.ts'
import { isInstant } from './instant.ts'
import { isStorable, STORABLE_KEYWORD } from './storable.ts'

// `verbose` puts the schema beside an error, so that its text can state the rule.
const COMMON = { allErrors: false, verbose: true, allowUnionTypes: true, useDefaults: true }

/**
 * Compiles a route's request schemas. JSON has types of its own, so nothing in a body is coerced;
 * params, query and headers are text, so values are. Unknown members are ignored everywhere: the
 * predecessor's clients may send some.
 */
export function createValidatorCompiler(): FastifySchemaCompiler<object> {
  const strict = addOurs(new Ajv({ ...COMMON, coerceTypes: false }))
  const coercing = addOurs(new Ajv({ ...COMMON, coerceTypes: 'array' }))
  return ({ schema, httpPart }) => (httpPart === 'body' ? strict : coercing).compile(schema)
}

function addOurs(ajv: Ajv): Ajv {
  ajv
    .addKeyword(RULE_KEYWORD)
    .addKeyword({ keyword: STORABLE_KEYWORD, type: 'object', validate: isStorable })
    .addFormat('date-time', isInstant)
  return ajv
}
