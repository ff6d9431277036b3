import fc, { type Arbitrary } from 'fast-check'
import type { Operation, Parameter, Schema } from './document.ts'
import type { Known } from './known.ts'
import { valid } from './values.ts'

/** A request before it is written out. */
export interface Draft {
  readonly operation: Operation
  readonly params: Readonly<Record<string, string>>
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

const NO_SUCH_ID = 2_147_483_646

const ACCEPTS = [
  'application/json',
  'application/problem+json',
  'application/problem+json, application/json;q=0.5',
  '*/*',
  'text/html',
]

/** Requests that are right by the document, mostly about what is there. */
export function validDraft(operation: Operation, known: Known): Arbitrary<Draft> {
  const inPath = operation.parameters.filter((parameter) => parameter.in === 'path')
  const inQuery = operation.parameters.filter((parameter) => parameter.in === 'query')
  return fc.record({
    operation: fc.constant(operation),
    params: fc.record(
      Object.fromEntries(inPath.map(({ name }) => [name, ids(collectionOf(operation), known)])),
    ),
    query: fc
      .tuple(...inQuery.map((parameter) => sometimes(parameter, known)))
      .map((members) => members.filter((member) => member !== null)),
    headers: headers(operation, known),
    body: operation.body === undefined ? fc.constant(undefined) : bodies(operation.body, known),
  })
}

/** The collection that `{id}` is of: `events` of `/api/events/{id}/waitlist`. */
function collectionOf({ path }: Operation): string {
  return /\/(\w+)\/\{/.exec(path)?.[1] ?? ''
}

function ids(collection: string, known: Known): Arbitrary<string> {
  const there = known.ids(collection)
  const absent = fc.constantFrom(NO_SUCH_ID, 1, 2).map(String)
  return there.length === 0
    ? absent
    : fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...there) },
        { weight: 1, arbitrary: absent },
      )
}

type Member = readonly [name: string, value: string] | null

function sometimes({ name, schema, required = false }: Parameter, known: Known): Arbitrary<Member> {
  const value =
    name === 'cursor'
      ? fc.constantFrom(...known.cursors, 'WyJub3RoaW5nIl0')
      : name in REFERENCES
        ? ids(REFERENCES[name] ?? '', known)
        : valid(schema).map(String)
  return perhaps(
    required ? 100 : 30,
    value.map((given) => [name, given] as const),
  )
}

/** Null but for that percentage. */
function perhaps<T>(percent: number, arbitrary: Arbitrary<T>): Arbitrary<T | null> {
  return fc.oneof(
    { weight: percent, arbitrary },
    { weight: 100 - percent, arbitrary: fc.constant(null) },
  )
}

/** Members that name something else, and the collection that it is in. */
const REFERENCES: Readonly<Record<string, string>> = { event_id: 'events' }

function bodies(schema: Schema, known: Known): Arbitrary<unknown> {
  const references = Object.keys(schema.properties ?? {}).filter((name) => name in REFERENCES)
  const named = Object.fromEntries(
    references.map((name) => [name, ids(REFERENCES[name] ?? '', known).map(Number)]),
  )
  return fc
    .tuple(valid(schema), fc.record(named))
    .map(([body, those]): unknown => ({ ...Object(body), ...those }))
}

function headers({ parameters }: Operation, known: Known): Arbitrary<Record<string, string>> {
  const taken = new Set(
    parameters.flatMap((parameter) =>
      parameter.in === 'header' ? parameter.name.toLowerCase() : [],
    ),
  )
  const values: Readonly<Record<string, Arbitrary<string>>> = {
    'idempotency-key': fc.oneof(
      { weight: 3, arbitrary: fc.uuid() },
      { weight: 1, arbitrary: fc.constantFrom('"quoted"', ...known.keys) },
    ),
    'if-match': fc.constantFrom('*', '"x"', ...known.tags, ...known.tags.map((tag) => `W/${tag}`)),
    'if-none-match': fc.constantFrom('*', '"x"', ...known.tags),
  }
  const given = Object.entries(values).filter(([name]) => taken.has(name))
  const isRequired = (name: string) =>
    parameters.some((parameter) => parameter.name.toLowerCase() === name && parameter.required)
  return fc
    .tuple(
      perhaps(75, fc.constantFrom(...ACCEPTS)),
      ...given.map(([name, value]) =>
        perhaps(
          isRequired(name) ? 100 : name === 'if-match' ? 15 : 40,
          value.map((text) => [name, text] as const),
        ),
      ),
    )
    .map(([accept, ...others]) => ({
      ...(accept !== null && { accept }),
      ...Object.fromEntries(others.filter((member) => member !== null)),
    }))
}
