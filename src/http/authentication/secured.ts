import { Type, type TSchema } from '@sinclair/typebox'
import type { FastifySchema } from 'fastify'
import type { Scope } from '../../domain/access.ts'
import { errorResponses, type ErrorResponse } from '../error-schemas.ts'
import { lackingText } from './challenges.ts'

/** The name of the security scheme in the document. */
export const BEARER = 'bearer'

/** How a client authenticates (OpenAPI 3.1, section 4.8.27). */
export const BEARER_SCHEME = {
  type: 'http',
  scheme: 'bearer',
  description:
    'An API key, `rsv_…`, or a token that your own issuer has signed for a user. The first key comes ' +
    'from the command line, `npm run keys -- create --tenant acme --scopes admin`; it makes others ' +
    'by `POST /api/keys`. A service that runs with `AUTH=off` asks for none.',
} as const

const WWW_AUTHENTICATE: Record<string, TSchema> = {
  'WWW-Authenticate': Type.String({ description: 'How to authenticate (RFC 6750, section 3)' }),
}

/** The schema of a route as the document shows it: what it asks for, and how it turns others away. */
export function secured<S extends FastifySchema>(schema: S, scope: Scope) {
  const own = new Map(Object.entries(schema.response ?? {}))
  const challenges = errorResponses('unauthorized', 'invalid_token', [
    'insufficient_scope',
    lackingText(scope),
  ])
  for (const [status, response] of Object.entries(challenges)) {
    own.set(status, merged(own.get(status), { ...response, headers: WWW_AUTHENTICATE }))
  }
  // Who asks has to be known, and is limited: both can fail before the operation begins.
  const ahead = errorResponses('rate_limited', 'token_keys_unavailable')
  for (const [status, response] of Object.entries(ahead)) {
    own.set(status, merged(own.get(status), response))
  }
  return { ...schema, security: [{ [BEARER]: [scope] }], response: Object.fromEntries(own) }
}

/** With the errors that the route has under this status itself. */
function merged(own: unknown, added: ErrorResponse): ErrorResponse {
  if (!isErrorResponse(own)) return added
  const content = Object.entries(added.content).map(([type, media]) => {
    const examples = { ...media.examples, ...own.content[type]?.examples }
    return [type, { ...media, examples }] as const
  })
  const headers = { ...own.headers, ...added.headers }
  return {
    ...(Object.keys(headers).length > 0 && { headers }),
    description: `${added.description} · ${own.description}`,
    content: Object.fromEntries(content),
  }
}

function isErrorResponse(response: unknown): response is ErrorResponse {
  return typeof response === 'object' && response !== null && 'content' in response
}
