import fc, { type Arbitrary } from 'fast-check'
import type { Schema } from './document.ts'
import { moments, texts } from './texts.ts'

const NOT_OF_TYPE: Readonly<Record<string, readonly unknown[]>> = {
  string: [1, true, [], {}, ['x'], 0],
  integer: ['1', 1.5, true, [], {}, 1e300, -1.5, '', '0x1'],
  number: ['1', true, [], {}],
  boolean: ['true', 1, 0, [], {}, ''],
  object: ['x', 1, true, []],
  array: ['x', 1, true, {}],
}

/** What members can be whose name tells what they are about, where that is known. */
export type Named = Readonly<Record<string, Arbitrary<unknown>>>

/**
 * Values that the schema allows; null is left to chance where it does.
 *
 * @param named - what members with these names are mostly, at any depth
 */
export function valid(schema: Schema, named: Named = {}): Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return oneOf(schema.enum)
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives !== undefined && schema.properties !== undefined) {
    return fc.oneof(
      ...alternatives.map(({ required = [] }) => objects({ ...schema, required }, named)),
    )
  }
  if (alternatives !== undefined) {
    return fc.oneof(...alternatives.map((alternative) => valid(alternative, named)))
  }
  return fc.oneof(...typesOf(schema).map((type) => validOf(type, schema, named)))
}

function validOf(type: string, schema: Schema, named: Named): Arbitrary<unknown> {
  switch (type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
    case 'number':
      return integers(schema)
    case 'array':
      return arrays(schema, named)
    case 'string':
      return schema.format === 'date-time' ? moments() : texts(schema)
    default:
      return schema.properties === undefined ? metadata() : objects(schema, named)
  }
}

/** Events are on sale mostly, so that there is something to be had. */
function oneOf(values: readonly unknown[]): Arbitrary<unknown> {
  const any = fc.constantFrom(...values)
  if (!values.includes('on_sale')) return any
  return mostly(fc.constant<unknown>('on_sale'), any)
}

/** Mostly there is something in a list, and what has a key has one of its own there. */
function arrays(schema: Schema, named: Named): Arbitrary<unknown[]> {
  const { items = {}, minItems = 0, uniqueItems } = schema
  const item = valid(items, named)
  const some = { minLength: Math.max(minItems, 1), maxLength: 3 }
  const any = { ...some, minLength: minItems }
  if (uniqueItems === true) return mostly(fc.uniqueArray(item, some), fc.uniqueArray(item, any))
  const selector = (value: unknown): unknown => Reflect.get(Object(value), 'key') ?? Symbol()
  return mostly(fc.uniqueArray(item, { ...some, selector }), fc.array(item, any))
}

/** The one nine times of ten. */
export function mostly<T>(one: Arbitrary<T>, other: Arbitrary<T>): Arbitrary<T> {
  return fc.oneof({ weight: 9, arbitrary: one }, { weight: 1, arbitrary: other })
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

// Costly to make.
const ANY_NAME = fc
  .string({ unit: 'grapheme', maxLength: 8 })
  .filter((name) => name !== '__proto__')

function metadata(): Arbitrary<unknown> {
  return fc.dictionary(ANY_NAME, fc.oneof(fc.integer(), fc.boolean(), fc.constant(null)), {
    maxKeys: 4,
    noNullPrototype: true,
  })
}

function objects({ properties = {}, required = [] }: Schema, named: Named): Arbitrary<unknown> {
  const members = Object.entries(properties).map(([name, schema]) => {
    const any = valid(schema, named)
    return [name, named[name] === undefined ? any : mostly(named[name], any)] as const
  })
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
