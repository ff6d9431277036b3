import swagger, { type SwaggerTransform, type SwaggerTransformObject } from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { BEARER, BEARER_SCHEME, secured } from '../http/authentication/secured.ts'
import { ERRORS, type ErrorCode } from '../http/errors.ts'

/** Errors that occur before there is an operation, so that none of them can list them. */
const GENERAL = [
  'bad_request',
  'not_found',
  'method_not_allowed',
  'request_timeout',
  'uri_too_long',
  'headers_too_large',
] as const satisfies ErrorCode[]

function general(): string {
  return GENERAL.map((code) => {
    const { status, text } = ERRORS[code]
    return `| ${status} | ${text} | \`${code}\` |`
  }).join('\n')
}

const DESCRIPTION = `Seat reservations that never oversell.

Bodies are JSON in snake_case, times are UTC in ISO 8601. An error is \`{"error": "<text>"}\`; a
client that sends \`Accept: application/problem+json\` gets problem details (RFC 9457) with a stable
\`code\` instead. A 503 or 429 carries \`Retry-After\`. Where requests are
limited, \`RateLimit-Limit\`, \`RateLimit-Remaining\` and \`RateLimit-Reset\` (seconds) say what is left.
An unknown path is 404; a known path with another method is 405 with \`Allow\`.

Any operation can also be answered with:

| status | \`error\` | \`code\` |
|---|---|---|
${general()}

An operation with a lock asks for an API key or a token, sent as \`Authorization: Bearer …\`, that has
the scope it names, or \`admin\`. Others' events are 404, like events that do not exist.

Every POST, PUT, PATCH and DELETE accepts an \`Idempotency-Key\`, but for those of API keys. A request that is sent again with the
same key within 24 hours takes effect once and gets the stored answer, with
\`Idempotency-Replayed: true\`. Lists are paged: pass \`next_cursor\` as \`cursor\` to get the next
page; it is null on the last one.`

/** The OpenAPI 3.1 document of the routes that are registered after it, as `app.swagger()`. */
async function openapi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Reservation System API',
        // That of package.json, which production may not have at hand.
        version: '2.0.0',
        description: DESCRIPTION,
        license: { name: 'ISC', identifier: 'ISC' },
      },
      servers: [{ url: '/' }],
      // What is here for everybody; other operations name what they ask for.
      security: [],
      components: { securitySchemes: { [BEARER]: BEARER_SCHEME } },
      tags: [
        { name: 'Events', description: 'What seats are sold for' },
        { name: 'Seating', description: 'Numbered seats of an event' },
        { name: 'Bookings', description: 'Seats that users hold or have booked' },
        { name: 'Waitlist', description: 'Users who wait for seats' },
        { name: 'History', description: 'What happened to an event' },
        { name: 'Keys', description: 'What lets callers in' },
        { name: 'Service', description: 'Liveness and readiness' },
      ],
    },
    refResolver: {
      // The schemas keep their names instead of def-0, def-1, …
      buildLocalReference: (json, _baseUri, _fragment, index) =>
        typeof json.$id === 'string' ? json.$id : `def-${index}`,
    },
    transform: nameScope,
    transformObject: nameBodies,
  })
}

/**
 * Says of each operation what it asks for. With `AUTH=off` too: a client that is generated from the
 * document of a service for development is to work with the one in production.
 */
const nameScope: SwaggerTransform = ({ schema, url, route }) => {
  const scope = route.config?.scope ?? null
  return { schema: scope === null ? schema : secured(schema, scope), url }
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const

/** @fastify/swagger writes request bodies out where they are used; the document refers to them by name. */
const nameBodies: SwaggerTransformObject = (transformed) => {
  if (!('openapiObject' in transformed)) return transformed.swaggerObject
  const document = transformed.openapiObject
  const schemas = document.components?.schemas ?? {}
  for (const path of Object.values(document.paths ?? {})) {
    for (const method of METHODS) {
      const body = path?.[method]?.requestBody
      if (body === undefined || !('content' in body)) continue
      for (const media of Object.values(body.content)) {
        const { schema } = media
        if (takesNull(schema)) body.required = false
        const name = schema !== undefined && 'title' in schema ? schema.title : undefined
        if (name !== undefined && name in schemas) {
          media.schema = { $ref: `#/components/schemas/${name}` }
        }
      }
    }
  }
  return document
}

/** What may be null may be left out: see `ConfirmInputSchema`. */
function takesNull(schema: object | undefined): boolean {
  return schema !== undefined && 'type' in schema && Array.isArray(schema.type)
    ? schema.type.includes('null')
    : false
}

export default fp(openapi, {
  name: 'openapi',
  fastify: '5.x',
  dependencies: ['auth', 'components'],
})
