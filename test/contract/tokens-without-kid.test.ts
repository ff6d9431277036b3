import t, { type Test } from 'tap'
import { createApi } from '../helpers/api.ts'
import { createIssuer, createKey, createToken, type SigningKey } from '../helpers/issuer.ts'

const FEW = 3
const OK = { status: 200 }
const INVALID = { status: 401, body: { error: 'The API key or token is not valid' } }

/** A service that blocks an address after few failures, and takes the tokens of one issuer. */
async function setUp(t: Test, ...shown: readonly SigningKey[]) {
  const issuer = await createIssuer(t, ...shown)
  const { tenantId: tenant, issuer: iss, audience, jwksUrl } = issuer.trusted
  const { ask } = await createApi(t, {
    AUTH: 'keys',
    FAILED_AUTH_PER_MINUTE: String(FEW),
    TOKEN_ISSUERS: JSON.stringify([{ tenant, issuer: iss, audience, jwks_url: jwksUrl }]),
  })
  return {
    issuer,
    /** Asks with a token that does not say by which key it is signed. */
    askSignedBy: async ({ alg, privateKey }: SigningKey, claims: Record<string, unknown> = {}) => {
      const token = await createToken({ alg, privateKey }, claims)
      return ask('GET', '/events', undefined, { authorization: `Bearer ${token}` })
    },
  }
}

const createPair = async (): Promise<[SigningKey, SigningKey]> => [
  await createKey('ES256', 'old'),
  await createKey('ES256', 'new'),
]

t.test('while an issuer turns to a new key, tokens of both get in', async (t) => {
  const keys = await createPair()
  const { askSignedBy } = await setUp(t, ...keys)
  for (let n = 0; n < FEW; n += 1) {
    for (const key of keys) t.match(await askSignedBy(key), OK, key.kid)
  }
})

t.test('what holds of a token whose key is known holds of these', async (t) => {
  const keys = await createPair()
  const { askSignedBy } = await setUp(t, ...keys)
  const exp = Math.floor(Date.now() / 1000) - 3600
  for (let n = 0; n < FEW; n += 1) {
    for (const key of keys) t.match(await askSignedBy(key, { exp }), INVALID, 'expired')
    for (const key of keys) t.match(await askSignedBy(key, { sub: ' ' }), INVALID, 'no user_id')
  }
  t.match(await askSignedBy(keys[0]), OK, 'and nobody is blocked')
})

t.test('a key that cannot be used does not hide another', async (t) => {
  const [other, good] = await createPair()
  const { issuer, askSignedBy } = await setUp(t)
  const broken = { ...other.jwk, x: 'AAAA' }
  issuer.show(broken, other.jwk, good.jwk)
  t.match(await askSignedBy(good), OK)
})

t.test('a token by none of the keys is a failed login, as any other', async (t) => {
  const { askSignedBy } = await setUp(t, ...(await createPair()))
  const forger = await createKey('ES256', 'forger')
  for (let n = 0; n < FEW; n += 1) t.match(await askSignedBy(forger), INVALID)
  t.match(await askSignedBy(forger), { status: 429 })
})

t.test('four of the keys are tried', async (t) => {
  const keys = await Promise.all(['1', '2', '3', '4', '5'].map((kid) => createKey('ES256', kid)))
  const { askSignedBy } = await setUp(t, ...keys)
  const statuses: number[] = []
  for (const key of keys) statuses.push((await askSignedBy(key)).status)
  t.strictSame(statuses, [200, 200, 200, 200, 401])
})
