import { Type, type TSchema } from '@sinclair/typebox'
import t from 'tap'
import { missingFields, validationText } from '../../src/http/validation/validation-text.ts'
import { createValidatorCompiler } from '../../src/http/validation/validator.ts'

function textFor(schema: TSchema, value: unknown): string {
  const validate = createValidatorCompiler()({ schema, method: 'POST', url: '/', httpPart: 'body' })
  if (validate(value) === true) return 'accepted'
  const { errors } = validate as { errors?: unknown[] }
  return validationText(errors?.[0])
}

const ARRAY = 'field must be an array of 1 to 2 entries'

t.test('the text names the field and the rule, from the schema itself', async (t) => {
  const cases: [TSchema, unknown, string][] = [
    [Type.Integer({ minimum: 1, maximum: 9 }), '5', 'field must be an integer between 1 and 9'],
    [Type.Integer({ minimum: 1 }), 0, 'field must be an integer of at least 1'],
    [Type.Number({ maximum: 2 }), 3, 'field must be a number of at most 2'],
    [Type.Integer(), 1.5, 'field must be an integer'],
    [
      Type.String({ minLength: 1, maxLength: 5 }),
      '',
      'field must be a string of 1 to 5 characters',
    ],
    [Type.String({ maxLength: 1 }), 'ab', 'field must be a string of 0 to 1 characters'],
    [Type.String({ pattern: '^a$', 'x-rule': 'the letter a' }), 'b', 'field must be the letter a'],
    [Type.Boolean(), 'true', 'field must be true or false'],
    [Type.Unsafe({ type: 'string', enum: ['a', 'b'] }), 'c', 'field must be one of a, b'],
    [Type.Object({ row: Type.Integer() }), { row: 'x' }, 'field.row must be an integer'],
    [Type.Object({ row: Type.Integer() }), {}, 'field.row is required'],
    [Type.Array(Type.Integer()), [1, 'x'], 'field.1 must be an integer'],
    [Type.Array(Type.Integer(), { minItems: 1, maxItems: 2 }), [], ARRAY],
    [Type.Array(Type.Integer(), { minItems: 1, maxItems: 2 }), [1, 2, 3], ARRAY],
    [Type.Array(Type.Integer(), { minItems: 1, maxItems: 2 }), 'x', ARRAY],
    [
      Type.Array(Type.Integer(), { minItems: 2 }),
      [1],
      'field must be an array of at least 2 entries',
    ],
    [
      Type.Array(Type.Integer(), { maxItems: 0 }),
      [1],
      'field must be an array of at most 0 entries',
    ],
    [Type.Array(Type.Integer()), 1, 'field must be an array'],
  ]
  for (const [schema, value, text] of cases) {
    t.equal(textFor(Type.Object({ field: schema }), { field: value }), text)
  }
})

t.test('required members are all named where one is missing', async (t) => {
  const two = { required: ['a', 'b'] }
  t.equal(missingFields(two, { a: 1, b: 2 }), undefined)
  t.equal(missingFields(two, { a: 0, b: false }), undefined)
  for (const body of [
    undefined,
    null,
    'x',
    1,
    [],
    {},
    { a: 1 },
    { a: 1, b: null },
    { a: '', b: 1 },
  ]) {
    t.equal(missingFields(two, body), 'a and b are required')
  }
  t.equal(missingFields({ required: ['a'] }, {}), 'a is required')
  t.equal(missingFields({ required: ['a', 'b', 'c'] }, {}), 'a, b and c are required')
  t.equal(missingFields({}, {}), undefined)
  t.equal(missingFields(undefined, {}), undefined)
  t.equal(missingFields({ required: ['toString'] }, {}), 'toString is required')
})
