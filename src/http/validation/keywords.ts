import { _, type Ajv, type CodeKeywordDefinition, type KeywordCxt } from 'ajv'
import { RULE_KEYWORD } from '../../config/describe-rule.ts'
import { NULL_IS_ABSENT_KEYWORD } from './optional.ts'
import { isStorable, STORABLE_KEYWORD } from './storable.ts'
import { NOT_BLANK_KEYWORD, WELL_FORMED_KEYWORD } from './text.ts'
import { isTimeZone, TIME_ZONE_KEYWORD } from './time-zone.ts'

// Written as code that the validator takes in, where every reservation passes: a call for each keyword
// would take several times as long as the rest of the validation.

const WELL_FORMED: CodeKeywordDefinition = {
  keyword: WELL_FORMED_KEYWORD,
  type: 'string',
  schemaType: 'boolean',
  code: (cxt) => {
    cxt.fail(_`!${cxt.data}.isWellFormed()`)
  },
}

const NOT_BLANK: CodeKeywordDefinition = {
  keyword: NOT_BLANK_KEYWORD,
  type: 'string',
  schemaType: 'boolean',
  code: (cxt) => {
    cxt.fail(_`${cxt.data}.trim() === ""`)
  },
}

/** Takes a member that is null off the object it stands in. */
const NULL_IS_ABSENT: CodeKeywordDefinition = {
  keyword: NULL_IS_ABSENT_KEYWORD,
  schemaType: 'boolean',
  code: ({ gen, data, it: { parentData, parentDataProperty } }) => {
    gen.if(_`${data} === null`, () => gen.code(_`delete ${parentData}[${parentDataProperty}]`))
  },
}

// Ajv's own count the code points of every text. That is needed only where the bound lies between the
// number of UTF-16 units and half of it.
const LENGTHS = [
  length('maxLength', ({ data, schemaCode: max }) => {
    const mayFit = _`${data}.length <= 2 * ${max} && [...${data}].length <= ${max}`
    return _`${data}.length > ${max} && !(${mayFit})`
  }),
  length('minLength', ({ data, schemaCode: min }) => {
    const mayFail = _`${data}.length < 2 * ${min} && [...${data}].length < ${min}`
    return _`${data}.length < ${min} || (${mayFail})`
  }),
]

function length(keyword: string, fails: (cxt: KeywordCxt) => ReturnType<typeof _>) {
  const code = (cxt: KeywordCxt) => {
    cxt.fail(fails(cxt))
  }
  return { keyword, type: 'string', schemaType: 'number', code } as const
}

/** Teaches the validator our keywords. */
export function addKeywords(ajv: Ajv): void {
  for (const { keyword } of LENGTHS) ajv.removeKeyword(keyword)
  ajv.addVocabulary([RULE_KEYWORD, ...LENGTHS, WELL_FORMED, NOT_BLANK, NULL_IS_ABSENT])
  ajv.addKeyword({ keyword: STORABLE_KEYWORD, type: 'object', validate: isStorable })
  ajv.addKeyword({
    keyword: TIME_ZONE_KEYWORD,
    type: 'string',
    schemaType: 'boolean',
    validate: (_schema: boolean, text: string) => isTimeZone(text),
  })
}
