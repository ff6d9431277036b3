import fc, { type Arbitrary } from 'fast-check'
import type { Operation, Parameter } from './document.ts'
import type { Known } from './known.ts'
import { bodies } from './bodies.ts'
import { ids, idsOfSeated, REFERENCES, users } from './ids.ts'
import { mostly, valid } from './values.ts'

/** A request before it is written out. */
export interface Draft {
  readonly operation: Operation
  readonly params: Readonly<Record<string, string>>
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

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
  const collection = collectionOf(operation)
  const id = needsLabels(operation) ? idsOfSeated(known) : ids(collection, known)
  return fc
    .record({
      params: fc.record(Object.fromEntries(inPath.map(({ name }) => [name, id]))),
      query: fc
        .tuple(...inQuery.map((parameter) => sometimes(parameter, known)))
        .map((members) => members.filter((member) => member !== null)),
      headers: headers(operation, known),
    })
    .chain((draft) => {
      const { body } = operation
      const about = known.offers.of(collection, draft.params.id ?? '')
      const written = body === undefined ? fc.constant(undefined) : bodies(body, known, about)
      return written.map((given) => ({ operation, ...draft, body: given }))
    })
}

function needsLabels({ body }: Operation): boolean {
  return body?.required?.includes('labels') === true
}

/** The collection that `{id}` is of: `events` of `/api/events/{id}/waitlist`. */
function collectionOf({ path }: Operation): string {
  return /\/(\w+)\/\{/.exec(path)?.[1] ?? ''
}

type Member = readonly [name: string, value: string] | null

function sometimes({ name, schema, required = false }: Parameter, known: Known): Arbitrary<Member> {
  const value =
    name === 'cursor'
      ? fc.constantFrom(...known.cursors, 'WyJub3RoaW5nIl0')
      : name in REFERENCES
        ? ids(REFERENCES[name] ?? '', known)
        : name === 'user_id'
          ? mostly(users, valid(schema).map(String))
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
