import { Type } from '@sinclair/typebox'
import { RULE_KEYWORD } from '../../config/describe-rule.ts'
import { SCOPES } from '../../domain/access.ts'
import { component } from '../../http/answer-schema.ts'
import { PageOf } from '../../http/paging.ts'
import { MOMENT_RULE, nullable, oneOf, Timestamp } from '../../http/schemas.ts'
import { KeyNameText } from '../../http/validation/key-name.ts'
import { Optional } from '../../http/validation/optional.ts'
import { apiKeyInputExample } from './examples.ts'

const KeyScope = oneOf(SCOPES, { description: 'What it allows' })

/** What is told of every key. The hash of its secret never leaves the database. */
const told = {
  id: Type.String({ description: 'Id of the key, which stands in it, in histories and in logs' }),
  // What an operator has written in SQL may not keep our rule for names.
  name: Type.String({ description: 'What it is for' }),
  scopes: Type.Array(KeyScope, { description: 'What it allows; `admin` allows everything' }),
  created_at: Timestamp({ description: 'When it was made' }),
  expires_at: nullable(Timestamp, {
    description: 'From when on it lets nobody in; null: never',
  }),
  last_used_at: nullable(Timestamp, {
    description: 'The hour in which it was last used; null: it was not used yet',
  }),
  revoked_at: nullable(Timestamp, { description: 'When it was revoked; null: it was not' }),
}

export const ApiKeySchema = component('ApiKey', Type.Object(told), 'An API key, without its secret')

export const ApiKeyInputSchema = component(
  'ApiKeyInput',
  Type.Object(
    {
      name: KeyNameText,
      scopes: Type.Array(KeyScope, {
        minItems: 1,
        maxItems: SCOPES.length,
        [RULE_KEYWORD]: `an array of 1 to ${SCOPES.length} scopes`,
        description: 'What it is to allow; `admin` allows everything',
      }),
      expires_at: Optional(
        Timestamp({
          [RULE_KEYWORD]: MOMENT_RULE,
          description: 'From when on it lets nobody in; default: never. It has to be in the future',
        }),
      ),
    },
    { examples: [apiKeyInputExample] },
  ),
  'What an API key is to be like',
)

export const IssuedApiKeySchema = component(
  'IssuedApiKey',
  Type.Object({
    ...told,
    key: Type.String({ description: 'The key itself. It is shown this once, and kept nowhere' }),
  }),
  'An API key that was just made',
)

export const ApiKeyPageSchema = PageOf('ApiKeyPage', {
  description: 'A page of API keys',
  rows: 'keys',
  schema: ApiKeySchema,
  order: 'The keys, by their ids',
})
