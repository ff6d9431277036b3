import swagger, { type SwaggerTransformObject } from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
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
\`code\` instead. A 503 carries \`Retry-After\`. An unknown path is 404; a known path with another
method is 405 with \`Allow\`.

Any operation can also be answered with:

| status | \`error\` | \`code\` |
|---|---|---|
${general()}

Every POST, PATCH and DELETE accepts an \`Idempotency-Key\`. A request that is sent again with the
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
        version: '1.0.0',
        description: DESCRIPTION,
        license: { name: 'ISC', identifier: 'ISC' },
      },
      servers: [{ url: '/' }],
      // There is no authentication: what stands in front of the service sees to it.
      security: [],
      tags: [
        { name: 'Events', description: 'What seats are sold for' },
        { name: 'Bookings', description: 'Seats that users hold or have booked' },
        { name: 'Waitlist', description: 'Users who wait for seats' },
        { name: 'History', description: 'What happened to an event' },
        { name: 'Service', description: 'Liveness and readiness' },
      ],
    },
    refResolver: {
      // The schemas keep their names instead of def-0, def-1, …
      buildLocalReference: (json, _baseUri, _fragment, index) =>
        typeof json.$id === 'string' ? json.$id : `def-${index}`,
    },
    transformObject: nameBodies,
  })
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
        const name = schema !== undefined && 'title' in schema ? schema.title : undefined
        if (name !== undefined && name in schemas) {
          media.schema = { $ref: `#/components/schemas/${name}` }
        }
      }
    }
  }
  return document
}

export default fp(openapi, { name: 'openapi', fastify: '5.x', dependencies: ['components'] })
