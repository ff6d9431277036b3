import { Type, type Static } from '@sinclair/typebox'
import { Ajv, type ErrorObject } from 'ajv'
import { ConfigurationError } from './configuration-error.ts'
import { describeRule, listInWords, RULE_KEYWORD } from './describe-rule.ts'
import type { Environment } from './environment-schema.ts'
import { isLoopback } from './loopback.ts'

const NAME = 'TOKEN_ISSUERS'

/** Each is looked at when a token comes, and may have a set of keys in memory. */
const MAX_ISSUERS = 100

const issuerSchema = Type.Object(
  {
    // As isTenantName of domain/access.ts has it, which nothing here may import.
    tenant: Type.String({
      pattern: '^[a-z0-9][a-z0-9_-]{0,62}$',
      [RULE_KEYWORD]:
        '1 to 63 lower-case letters, digits, _ and -, of which the first is a letter or a digit',
    }),
    issuer: Type.String({ minLength: 1, maxLength: 2048 }),
    audience: Type.String({ minLength: 1, maxLength: 2048 }),
    jwks_url: Type.String({
      maxLength: 2048,
      [RULE_KEYWORD]:
        'an https URL without user, password and fragment; http only on localhost, 127.0.0.1 and [::1]',
    }),
  },
  { additionalProperties: false },
)

const issuersSchema = Type.Array(issuerSchema, {
  maxItems: MAX_ISSUERS,
  [RULE_KEYWORD]: `a JSON array of at most ${MAX_ISSUERS} issuers`,
})

const MEMBERS = Object.keys(issuerSchema.properties)

/** Whose tokens are taken, and for what tenant. */
export interface TokenIssuer {
  readonly tenantId: string
  /** What `iss` and `aud` of a token must be (RFC 7519, section 4.1). */
  readonly issuer: string
  readonly audience: string
  /** Where the issuer shows its keys, as a JWK Set (RFC 7517). */
  readonly jwksUrl: string
}

/**
 * The issuers that the variable names. A wrong one is told by its place and member, never by its value.
 * @throws ConfigurationError
 */
export function tokenIssuersOf({
  AUTH: auth,
  TOKEN_ISSUERS: text,
}: Pick<Environment, 'AUTH' | 'TOKEN_ISSUERS'>): TokenIssuer[] {
  const value = parse(text)
  const ajv = new Ajv({ keywords: [RULE_KEYWORD], verbose: true })
  const validate = ajv.compile<Static<typeof issuersSchema>>(issuersSchema)
  if (!validate(value)) throw new ConfigurationError(explain(validate.errors?.[0]))
  value.forEach(({ jwks_url: url }, i) => {
    if (!isKeysUrl(url)) {
      const rule = describeRule(issuerSchema.properties.jwks_url)
      throw new ConfigurationError(`${NAME}[${i}].jwks_url must be ${rule}`)
    }
  })
  assertUnique(value)
  if (auth === 'off' && value.length > 0) {
    throw new ConfigurationError(`${NAME} needs AUTH=keys: with AUTH=off no token is looked at`)
  }
  return value.map(({ tenant, issuer, audience, jwks_url }) => {
    return { tenantId: tenant, issuer, audience, jwksUrl: jwks_url }
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ConfigurationError(`${NAME} must be ${describeRule(issuersSchema)}`)
  }
}

/** The pointer /0/jwks_url is written [0].jwks_url. */
function explain(error: ErrorObject | undefined): string {
  const path = error?.instancePath ?? ''
  const subject = NAME + path.replace(/\/(\d+)/, '[$1]').replace('/', '.')
  if (error?.keyword === 'required') {
    return `${subject}.${String(error.params['missingProperty'])} is required`
  }
  if (error?.keyword === 'additionalProperties') {
    const name = String(error.params['additionalProperty'])
    return `${subject} must not have a member ${JSON.stringify(name)}: an issuer has ${listInWords(MEMBERS)}`
  }
  return `${subject} must be ${describeRule(error?.parentSchema ?? {})}`
}

/** Keys that come over a network in the clear could be anybody's. */
function isKeysUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password, hash } = new URL(text)
  if (username !== '' || password !== '' || hash !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

/** A token is one tenant's, by its issuer and its audience. */
function assertUnique(issuers: readonly Static<typeof issuerSchema>[]): void {
  const pairs = issuers.map(({ issuer, audience }) => JSON.stringify([issuer, audience]))
  const again = pairs.findIndex((pair, i) => pairs.indexOf(pair) !== i)
  if (again === -1) return
  const first = pairs.indexOf(pairs[again] ?? '')
  const text = `${NAME}[${again}] has the issuer and the audience of ${NAME}[${first}]`
  throw new ConfigurationError(`${text}: no token would tell the two apart`)
}
