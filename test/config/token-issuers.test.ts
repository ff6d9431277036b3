import t from 'tap'
import { ConfigurationError, loadConfig } from '../../src/config/config.ts'

const DATABASE_URL = 'postgresql://user:p%40ss@host:5433/name'
const ACME = {
  tenant: 'acme',
  issuer: 'https://id.acme.example',
  audience: 'reservations',
  jwks_url: 'https://id.acme.example/jwks.json',
}

function load(issuers: unknown, more: Record<string, string> = {}) {
  const text = typeof issuers === 'string' ? issuers : JSON.stringify(issuers)
  return loadConfig({ DATABASE_URL, TOKEN_ISSUERS: text, ...more }).tokens
}

function messageFor(issuers: unknown, more: Record<string, string> = {}): string {
  try {
    load(issuers, more)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message
    throw error
  }
  return 'accepted'
}

t.test('issuers are read as what they mean; without any there are none', async (t) => {
  t.strictSame(loadConfig({ DATABASE_URL }).tokens, { issuers: [], keysTimeoutMs: 2000 })
  const tokens = load([ACME], { TOKEN_KEYS_TIMEOUT_MS: '300' })
  const { tenant, issuer, audience, jwks_url } = ACME
  t.strictSame(tokens, {
    issuers: [{ tenantId: tenant, issuer, audience, jwksUrl: jwks_url }],
    keysTimeoutMs: 300,
  })
  t.ok(Object.isFrozen(tokens.issuers[0]))
})

t.test(
  'what is wrong is one line that names the variable, the issuer and the member',
  async (t) => {
    const array = 'TOKEN_ISSUERS must be a JSON array of at most 100 issuers'
    const tenant =
      'TOKEN_ISSUERS[0].tenant must be 1 to 63 lower-case letters, digits, _ and -, of which the first ' +
      'is a letter or a digit'
    const url =
      'TOKEN_ISSUERS[1].jwks_url must be an https URL without user, password and fragment; http only on ' +
      'localhost, 127.0.0.1 and [::1]'
    const second = (jwks_url: string) => [ACME, { ...ACME, audience: 'tickets', jwks_url }]
    const cases: [unknown, string][] = [
      ['no JSON', array],
      [{}, array],
      [Array.from({ length: 101 }, (_, i) => ({ ...ACME, audience: `${i}` })), array],
      [['acme'], 'TOKEN_ISSUERS[0] must be an object'],
      [[{ ...ACME, audience: undefined }], 'TOKEN_ISSUERS[0].audience is required'],
      [
        [{ ...ACME, issuer: 5 }],
        'TOKEN_ISSUERS[0].issuer must be a string of 1 to 2048 characters',
      ],
      [
        [{ ...ACME, issuer: '' }],
        'TOKEN_ISSUERS[0].issuer must be a string of 1 to 2048 characters',
      ],
      [
        [{ ...ACME, jwksUrl: 'x' }],
        'TOKEN_ISSUERS[0] must not have a member "jwksUrl": an issuer has tenant, issuer, audience and ' +
          'jwks_url',
      ],
      ...['', 'Acme', '-acme', 'a b', 'a'.repeat(64)].map((name): [unknown, string] => [
        [{ ...ACME, tenant: name }],
        tenant,
      ]),
      ...[
        'id.acme.example/jwks.json',
        'http://id.acme.example/jwks.json',
        'http://127.0.0.1.acme.example/',
        'http://localhost.acme.example/',
        'https://user:secret@id.acme.example/',
        'https://id.acme.example/#keys',
        'file:///etc/jwks.json',
        'data:application/json,{"keys":[]}',
      ].map((text): [unknown, string] => [second(text), url]),
      [
        [ACME, { ...ACME, audience: 'tickets' }, { ...ACME, tenant: 'globex' }],
        'TOKEN_ISSUERS[2] has the issuer and the audience of TOKEN_ISSUERS[0]: no token would tell the two ' +
          'apart',
      ],
    ]
    for (const [issuers, message] of cases) t.equal(messageFor(issuers), message)
  },
)

t.test('keys may come in the clear from this machine only', async (t) => {
  for (const host of ['localhost:8080', '127.0.0.1:8080', '[::1]:8080']) {
    t.equal(messageFor([{ ...ACME, jwks_url: `http://${host}/jwks.json` }]), 'accepted', host)
  }
})

t.test('without authentication there are no tokens', async (t) => {
  const off = { AUTH: 'off' }
  t.equal(messageFor([], off), 'accepted')
  const message = 'TOKEN_ISSUERS needs AUTH=keys: with AUTH=off no token is looked at'
  t.equal(messageFor([ACME], off), message)
})
