import type { TString } from '@sinclair/typebox'
import { Ajv, type ValidateFunction } from 'ajv'
import { addKeywords } from './keywords.ts'

const ajv = new Ajv()
addKeywords(ajv)

/** Whether a text is as the schema says, for one that comes by another way than in a body or a query. */
export function compiled(schema: TString): ValidateFunction<string> {
  return ajv.compile<string>(schema)
}
