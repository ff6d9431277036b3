import fc, { type Arbitrary } from 'fast-check'
import { gzipSync } from 'node:zlib'
import type { Asked } from './asked.ts'
import type { Draft } from './draft.ts'
import { invalid, typesOf } from './values.ts'
import { writeOut } from './write-out.ts'

/** What is no JSON in UTF-8, or none that is taken. */
const NOT_JSON = ['{', '[1,', '{"a":1,}', "{'a':1}", 'a=1', '\u0000', '{"__proto__":{}}'].map(
  (text) => Buffer.from(text),
)
const NOT_UTF8 = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])
const TYPES = [
  'text/plain',
  'application/xml',
  'application/x-www-form-urlencoded',
  'nonsense',
  'a/b',
]
const NO_IDS = [
  '0',
  '-1',
  'x',
  '1.5',
  '1e3',
  '%20',
  '%00',
  '%D9%A3',
  '9007199254740993',
  '9'.repeat(300),
]
const NO_KEYS = ['', 'a b', 'x'.repeat(256), 'ü']
const METHODS = ['PUT', 'TRACE', 'OPTIONS', 'PROPFIND']

/** Ways to break a rule of the document: whatever else is right, such a request is refused. */
export function brokenFrom(draft: Draft): Arbitrary<Asked> {
  const { operation } = draft
  const asked = writeOut(draft, 'invalid', '')
  const has = (place: string) => operation.parameters.some((parameter) => parameter.in === place)
  return fc.oneof(
    method(asked),
    path(asked),
    ...(has('path') ? [id(draft)] : []),
    ...queries(draft),
    ...(operation.parameters.some(({ name }) => /^idempotency-key$/i.test(name))
      ? [key(asked)]
      : []),
    ...(operation.body === undefined
      ? []
      : [...members(draft), text(asked), type(asked), coding(asked)]),
  )
}

function method(asked: Asked): Arbitrary<Asked> {
  const others = METHODS.filter((other) => other !== asked.method)
  return fc.constantFrom(...others).map((other) => ({ ...asked, method: other, about: 'method' }))
}

function path(asked: Asked): Arbitrary<Asked> {
  return fc.constantFrom('x', '/x', '//', '/%2e%2e/x').map((end) => {
    const [start = '', ...rest] = asked.url.split('?')
    return { ...asked, url: [start + end, ...rest].join('?'), about: `path with ${end}` }
  })
}

function id(draft: Draft): Arbitrary<Asked> {
  return fc.constantFrom(...NO_IDS).map((none) => {
    const params = Object.fromEntries(Object.keys(draft.params).map((name) => [name, none]))
    return writeOut({ ...draft, params }, 'invalid', `id ${none.slice(0, 20)}`)
  })
}

function queries(draft: Draft): Arbitrary<Asked>[] {
  return draft.operation.parameters
    .filter(({ in: place, schema }) => {
      const isText = typesOf(schema).includes('string') && schema.enum === undefined
      return place === 'query' && !isText
    })
    .map(({ name }) =>
      fc.constantFrom('x', '1.5', '-1', '[]', '1e99').map((value) => {
        const others = draft.query.filter(([other]) => other !== name)
        const query = [...others, [name, value] as const]
        return writeOut({ ...draft, query }, 'invalid', `query ${name}=${value}`)
      }),
    )
}

function key(asked: Asked): Arbitrary<Asked> {
  return fc.constantFrom(...NO_KEYS).map((none) => ({
    ...asked,
    headers: { ...asked.headers, 'idempotency-key': none },
    about: 'Idempotency-Key',
  }))
}

/** Bodies in which one member is wrong or a required one is missing. */
function members(draft: Draft): Arbitrary<Asked>[] {
  const { properties = {}, required = [] } = draft.operation.body ?? {}
  const given: Record<string, unknown> = { ...Object(draft.body) }
  const wrong = Object.entries(properties).flatMap(([name, schema]) => {
    const of = (value: unknown) => ({ ...draft, body: { ...given, [name]: value } })
    return invalid(schema)?.map((value) => writeOut(of(value), 'invalid', `${name} is wrong`)) ?? []
  })
  const missing = required.map((name) =>
    fc.constantFrom(undefined, null, '').map((nothing) => {
      const body = { ...given, [name]: nothing }
      return writeOut({ ...draft, body }, 'invalid', `${name} is missing`)
    }),
  )
  return [...wrong, ...missing]
}

function text(asked: Asked): Arbitrary<Asked> {
  return fc
    .constantFrom(...NOT_JSON, NOT_UTF8)
    .map((body) => ({ ...asked, body, about: 'body is no JSON' }))
}

function type(asked: Asked): Arbitrary<Asked> {
  return fc.constantFrom(...TYPES).map((other) => ({
    ...asked,
    headers: { ...asked.headers, 'content-type': other },
    about: `type ${other}`,
  }))
}

function coding(asked: Asked): Arbitrary<Asked> {
  return fc.constantFrom('gzip', 'br', 'x-unknown').map((other) => ({
    ...asked,
    headers: { ...asked.headers, 'content-encoding': other },
    body: gzipSync(asked.body ?? ''),
    about: `coding ${other}`,
  }))
}
