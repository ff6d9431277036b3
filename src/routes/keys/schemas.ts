import { Type } from '@sinclair/typebox'
import { SCOPES } from '../../domain/access.ts'
import { AnswerOf } from '../../http/answer-schema.ts'
import type { ErrorCode } from '../../http/errors.ts'
import { Cursor, Limit } from '../../http/paging.ts'
import { errorResponses, queryErrors } from '../../http/error-schemas.ts'
import { NoContent } from '../../http/schemas.ts'
import { apiKeyExample, issuedApiKeyExample } from './examples.ts'
import { ApiKeyInputSchema, ApiKeyPageSchema, IssuedApiKeySchema } from './resources.ts'

const tags = ['Keys']

/** Of every change of a key. */
const ANY_CHANGE: readonly ErrorCode[] = [
  'malformed_json',
  'payload_too_large',
  'unsupported_media_type',
  'data_refused',
  'internal_error',
  'overloaded',
  'database_unavailable',
  'outcome_unknown',
]

export const createKeySchema = {
  operationId: 'createKey',
  tags,
  summary: 'Make an API key',
  description:
    "Makes a key of the caller's tenant. The key is shown this once: what is stored is a hash of it. " +
    'For the same reason there is no `Idempotency-Key` here. A key whose answer was lost can be ' +
    'revoked, and made again. With `AUTH=off` no key is made, but by the command line.',
  body: ApiKeyInputSchema,
  response: {
    201: AnswerOf('The key is made', IssuedApiKeySchema, issuedApiKeyExample, 'Location'),
    ...errorResponses(
      ['missing_fields', 'name and scopes are required'],
      ['validation_failed', `scopes.0 must be one of ${SCOPES.join(', ')}`],
      'expiry_past',
      'auth_off',
      'too_many_keys',
      ...ANY_CHANGE,
    ),
  },
}

export const listKeysSchema = {
  operationId: 'listKeys',
  tags,
  summary: 'List API keys',
  description:
    "Lists the keys of the caller's tenant, by their ids; also those that were revoked or have " +
    'expired, as their ids stand in histories.',
  querystring: Type.Object({ limit: Limit, cursor: Cursor }),
  response: {
    200: AnswerOf('A page of keys', ApiKeyPageSchema, { keys: [apiKeyExample], next_cursor: null }),
    ...queryErrors('invalid_cursor', [
      'validation_failed',
      'limit must be an integer between 1 and 100',
    ]),
  },
}

export const revokeKeySchema = {
  operationId: 'revokeKey',
  tags,
  summary: 'Revoke an API key',
  description:
    'Has the key let nobody in any more: at once, and in other processes of the service within 5 ' +
    'seconds. To revoke it again changes nothing.',
  params: Type.Object({
    id: Type.String({ description: 'Id of the key', examples: [apiKeyExample.id] }),
  }),
  response: {
    204: NoContent('The key is revoked'),
    ...errorResponses('key_not_found', ...ANY_CHANGE),
  },
}
