import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { ERRORS, type ErrorCode } from '../http/errors.ts'
import { ErrorSchema, ProblemSchema } from '../http/schemas.ts'

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

// Swagger UI's styles are inline and its icons are data: URLs. Nothing is loaded from other hosts.
const CONTENT_SECURITY_POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'", 'data:'],
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
}

/** The OpenAPI 3.1 document of the routes that are registered after it, and Swagger UI. */
async function openapi(app: FastifyInstance): Promise<void> {
  app.addSchema(ErrorSchema)
  app.addSchema(ProblemSchema)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Reservation System API',
        version: '1.0.0',
        description: DESCRIPTION,
        license: { name: 'ISC', identifier: 'ISC' },
      },
      servers: [{ url: '/', description: 'This server' }],
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
  })
  await app.register(swaggerUi, {
    routePrefix: '/documentation',
    staticCSP: CONTENT_SECURITY_POLICY,
    uiConfig: { validatorUrl: null, tryItOutEnabled: true },
    theme: { title: 'Reservation System API' },
  })
}

export default fp(openapi, { name: 'openapi', fastify: '5.x' })
