/** A JSON Schema, as far as the generator reads it. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly minItems?: number
  readonly uniqueItems?: boolean
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string
  /** What each line of a text is by, where that is lines of JSON. */
  readonly contentSchema?: Schema
}

export interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly schema: Schema
}

interface Response {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>
}

interface OperationObject {
  readonly operationId: string
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[]
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>
  }
  readonly responses: Readonly<Record<string, Response>>
}

export interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>
}

export interface Operation {
  readonly id: string
  readonly method: string
  /** With its parameters in braces. */
  readonly path: string
  readonly parameters: readonly Parameter[]
  /** Of the JSON body, or of each line of it; undefined where the operation takes none. */
  readonly body: Schema | undefined
  /** Whether the body is lines of JSON. */
  readonly takesLines: boolean
  readonly responses: Readonly<Record<string, Response>>
}

/** Lines of JSON. */
export const NDJSON = 'application/x-ndjson'

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete'])

/** The operations of a document, with the references in it followed. */
export function operationsOf(document: Document): Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => METHODS.has(method))
      .map(([method, operation]) => ({
        id: operation.operationId,
        method: method.toUpperCase(),
        path,
        parameters: (operation.parameters ?? []).map((given) =>
          follow(document, given),
        ) as Parameter[],
        body: bodyOf(document, operation),
        takesLines: NDJSON in (operation.requestBody?.content ?? {}),
        responses: operation.responses,
      })),
  )
}

function bodyOf(document: Document, { requestBody }: OperationObject): Schema | undefined {
  if (requestBody === undefined) return undefined
  const { content } = follow(document, requestBody) as typeof requestBody
  const schema = content['application/json']?.schema ?? content[NDJSON]?.schema.contentSchema
  return schema === undefined ? undefined : inline(document, schema)
}

/** A schema without references. Ours are not recursive. */
function inline(document: Document, given: Schema): Schema {
  const schema = follow(document, given) as Schema
  if (schema.properties === undefined) return schema
  const properties = Object.entries(schema.properties).map(
    ([name, member]) => [name, inline(document, member)] as const,
  )
  return { ...schema, properties: Object.fromEntries(properties) }
}

/** What the document says is what its types say; a validator holds that in test/contract. */
function follow(document: Document, given: object): unknown {
  const reference: unknown = Reflect.get(given, '$ref')
  if (typeof reference !== 'string') return given
  let found: unknown = document
  for (const part of reference.split('/').slice(1)) {
    found = Reflect.get(Object(found), part.replaceAll('~1', '/').replaceAll('~0', '~'))
  }
  return found
}
