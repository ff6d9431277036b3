import { Type, type Static, type TSchema } from '@sinclair/typebox'
import { csvHeader, csvRows, type CsvColumns } from './csv.ts'
import { headersOf, type ResponseHeaders } from './schemas.ts'

/** A schema that the OpenAPI document names; `src/plugins/components.ts` makes it known. */
export type Component<T extends TSchema = TSchema> = T & { readonly $id: string }

/** The schema under its name. The title tells generators and the document the same name. */
export function component<T extends TSchema>(
  name: string,
  schema: T,
  description: string,
): Component<T> {
  return { ...schema, $id: name, title: name, description }
}

/** A reference to a named schema, of the same static type. */
export function refTo<T extends TSchema>({ $id }: Component<T>) {
  return Type.Unsafe<Static<T>>(Type.Ref(`${$id}#`))
}

type HeaderName = keyof typeof ResponseHeaders

/** A success with a body that has a name, and an example of it. */
export function AnswerOf<T extends TSchema>(
  description: string,
  schema: Component<T>,
  example: Static<T>,
  ...headers: HeaderName[]
) {
  return {
    ...headOf(description, headers),
    content: { 'application/json': { schema: refTo(schema), example } },
  }
}

/** Likewise, with several examples by their names: of each its summary, and the body. */
export function AnswerWith<T extends TSchema>(
  description: string,
  schema: Component<T>,
  examples: Readonly<Record<string, readonly [summary: string, value: Static<T>]>>,
  ...headers: HeaderName[]
) {
  const named = Object.entries(examples).map(
    ([name, [summary, value]]) => [name, { summary, value }] as const,
  )
  return {
    ...headOf(description, headers),
    content: { 'application/json': { schema: refTo(schema), examples: Object.fromEntries(named) } },
  }
}

function headOf(description: string, headers: readonly HeaderName[]) {
  return { description, ...(headers.length > 0 && { headers: headersOf(...headers) }) }
}

/** A page of a list, which can be had whole as CSV too, and an example row. */
export function ListOf<T extends TSchema, Row extends object>(
  description: string,
  schema: Component<T>,
  example: Static<T>,
  { columns, row }: { columns: CsvColumns<Row>; row: Row },
) {
  const answer = AnswerOf(description, schema, example, 'Content-Disposition')
  const csv = Type.String({
    description:
      'All rows from `cursor` on, of all pages: a header, then a line for each (RFC 4180)',
  })
  const lines = csvHeader(columns) + csvRows(columns, [row])
  return { ...answer, content: { ...answer.content, 'text/csv': { schema: csv, example: lines } } }
}
