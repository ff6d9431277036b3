import fc, { type Arbitrary } from 'fast-check'
import type { Schema } from './document.ts'

/** Texts that have been trouble somewhere: in databases, logs, comparisons, URLs. */
const ODD_TEXTS = [
  ...['null', 'undefined', 'NaN', '__proto__', 'constructor', '%', '%00', '../..', '\\', '"', "'"],
  ...["' OR 1=1 --", '$1', '${a}', '😀', 'Zoë', 'Zoe\u0308', '\u202e', 'ﷺ'],
]

const NOT_OF_TYPE: Readonly<Record<string, readonly unknown[]>> = {
  string: [1, true, [], {}, ['x'], 0],
  integer: ['1', 1.5, true, [], {}, 1e300, -1.5, '', '0x1'],
  number: ['1', true, [], {}],
  boolean: ['true', 1, 0, [], {}, ''],
  object: ['x', 1, true, []],
  array: ['x', 1, true, {}],
}

/** Values that the schema allows; null is left to chance where it does. */
export function valid(schema: Schema): Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return oneOf(schema.enum)
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives !== undefined && schema.properties !== undefined) {
    return fc.oneof(...alternatives.map(({ required = [] }) => objects({ ...schema, required })))
  }
  if (alternatives !== undefined) return fc.oneof(...alternatives.map(valid))
  return fc.oneof(...typesOf(schema).map((type) => validOf(type, schema)))
}

function validOf(type: string, schema: Schema): Arbitrary<unknown> {
  switch (type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
    case 'number':
      return integers(schema)
    case 'array':
      return arrays(schema)
    case 'string':
      return schema.format === 'date-time' ? moments() : texts(schema)
    default:
      return schema.properties === undefined ? metadata() : objects(schema)
  }
}

/** Events are on sale mostly, so that there is something to be had. */
function oneOf(values: readonly unknown[]): Arbitrary<unknown> {
  const any = fc.constantFrom(...values)
  if (!values.includes('on_sale')) return any
  return fc.oneof({ weight: 9, arbitrary: fc.constant('on_sale') }, { weight: 1, arbitrary: any })
}

function arrays({
  items = {},
  minItems: minLength = 0,
  uniqueItems,
}: Schema): Arbitrary<unknown[]> {
  const bounds = { minLength, maxLength: 3 }
  return uniqueItems === true
    ? fc.uniqueArray(valid(items), bounds)
    : fc.array(valid(items), bounds)
}

/** Bounds, and small values mostly, so that what is asked for can be had. */
function integers({ minimum = -1000, maximum = 1000 }: Schema): Arbitrary<number> {
  const small = fc.integer({ min: minimum, max: Math.min(maximum, minimum + 5) })
  return fc.oneof(
    { weight: 8, arbitrary: small },
    { weight: 1, arbitrary: fc.constantFrom(minimum, maximum) },
    { weight: 1, arbitrary: fc.integer({ min: minimum, max: maximum }) },
  )
}

function moments(): Arbitrary<string> {
  const dates = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
  return fc.tuple(dates, fc.constantFrom('Z', '+02:00', '-11:30')).map(([date, zone]) => {
    return date.toISOString().replace('Z', zone)
  })
}

// Costly to make.
const ANY_TEXT = fc.string({ unit: 'grapheme', maxLength: 20 })
const ANY_NAME = fc
  .string({ unit: 'grapheme', maxLength: 8 })
  .filter((name) => name !== '__proto__')

function texts({ pattern, minLength = 0, maxLength = 255 }: Schema): Arbitrary<string> {
  const fits = pattern === undefined ? undefined : new RegExp(pattern, 'u')
  const plain = /^[^\p{Cc}\p{Cs}]*$/u
  const any = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('ann', 'bob', 'cid', 'dan', 'eve', 'flo') },
    // A time zone, which few texts are.
    { weight: 1, arbitrary: fc.constant('UTC') },
    { weight: 2, arbitrary: ANY_TEXT },
    { weight: 1, arbitrary: fc.constantFrom(...ODD_TEXTS) },
    { weight: 1, arbitrary: fc.constant('ü'.repeat(Math.min(maxLength, 255))) },
  )
  // What is blank may be refused without a pattern that says so.
  return any.filter(
    (text) =>
      text.trim() !== '' &&
      text.length >= minLength &&
      plain.test(text) &&
      fits?.test(text) !== false,
  )
}

function metadata(): Arbitrary<unknown> {
  return fc.dictionary(ANY_NAME, fc.oneof(fc.integer(), fc.boolean(), fc.constant(null)), {
    maxKeys: 4,
    noNullPrototype: true,
  })
}

function objects({ properties = {}, required = [] }: Schema): Arbitrary<unknown> {
  const members = Object.entries(properties).map(([name, member]) => [name, valid(member)] as const)
  return fc.record(Object.fromEntries(members), {
    requiredKeys: [...required],
    noNullPrototype: true,
  })
}

/** Values that the schema does not allow; null is none of them. Undefined where all are allowed. */
export function invalid(schema: Schema): Arbitrary<unknown> | undefined {
  const types = typesOf(schema).filter((type) => type !== 'null')
  const wrongTypes = types.map((type) => new Set(NOT_OF_TYPE[type] ?? []))
  const isWrong = (value: unknown) => wrongTypes.every((wrong) => wrong.has(value))
  const ofWrongType = [...(wrongTypes[0] ?? [])].filter(isWrong)
  const { minimum, maximum, pattern, format } = schema
  const beyond = [
    ...(minimum === undefined ? [] : [minimum - 1]),
    ...(maximum === undefined ? [] : [maximum + 1]),
    ...(schema.enum === undefined ? [] : ['no such value']),
    ...(pattern === undefined ? [] : ['x'.repeat(5000), 'a\0b', 'a\nb']),
    ...(format === undefined ? [] : ['tomorrow', '2026-02-30T00:00:00Z', '2026-01-01T00:00:00']),
  ]
  const values = [...ofWrongType, ...beyond]
  return values.length === 0 ? undefined : fc.constantFrom(...values)
}

/** The types that a schema allows. */
export function typesOf({ type }: Schema): readonly string[] {
  if (type === undefined) return ['object']
  return typeof type === 'string' ? [type] : type
}

export const oddText = fc.constantFrom(...ODD_TEXTS)
