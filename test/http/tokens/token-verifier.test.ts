import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { exportSPKI, importJWK, SignJWT } from 'jose'
import t from 'tap'
import type { TokenIssuer } from '../../../src/config/token-issuers.ts'
import { MAX_TOKEN_LENGTH, TokenVerifier } from '../../../src/http/tokens/token-verifier.ts'
import { AUDIENCE, createIssuer, createKey, createToken, ISSUER } from '../../helpers/issuer.ts'

type Claims = Readonly<Record<string, unknown>>

const ANN = { tenantId: 'acme', actor: 'user:ann', userId: 'ann' }
const INVALID = { code: 'invalid_token', message: 'The API key or token is not valid' }

/** A verifier, and all that it has logged. */
function verifierOf(...issuers: readonly TokenIssuer[]) {
  const logged: unknown[] = []
  const write = (...args: unknown[]) => {
    logged.push(args)
  }
  const log = { warn: write, debug: write }
  return { verifier: new TokenVerifier({ issuers, keysTimeoutMs: 20_000, log }), logged }
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds
}

t.test('a token of each algorithm is its subject, in the tenant of its issuer', async (t) => {
  const keys = await Promise.all(['RS256', 'ES256', 'EdDSA'].map((alg) => createKey(alg, alg)))
  const issuer = await createIssuer(t, ...keys)
  const { verifier, logged } = verifierOf(issuer.trusted)
  for (const key of keys) t.strictSame(await verifier.verify(await createToken(key)), ANN, key.alg)
  t.equal(issuer.requests(), 1, 'the keys are fetched once')
  t.strictSame(logged, [])
})

t.test('other algorithms are refused, whatever key there is for them', async (t) => {
  const others = await Promise.all(
    ['RS512', 'PS256', 'ES384', 'Ed25519'].map((alg) => createKey(alg, alg)),
  )
  const rsa = await createKey('RS256', 'rsa')
  const secret = Buffer.from('a secret of which everybody knows that it is shown')
  const oct = { kty: 'oct', kid: 'oct', alg: 'HS256', k: secret.toString('base64url') }
  const issuer = await createIssuer(t)
  issuer.show(...others.map(({ jwk }) => jwk), rsa.jwk, oct)
  const { verifier } = verifierOf(issuer.trusted)
  t.strictSame(await verifier.verify(await createToken(rsa)), ANN, 'while another is taken')

  for (const key of others) t.equal(await verifier.verify(await createToken(key)), null, key.alg)

  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'ann', exp: inSeconds(60) }
  for (const header of [{ alg: 'none' }, { alg: 'none', kid: 'rsa' }, { alg: 'None' }]) {
    t.equal(await verifier.verify(`${encode(header)}.${encode(claims)}.`), null)
  }
  const publicKey = await importJWK(rsa.jwk, 'RS256', { extractable: true })
  if (publicKey instanceof Uint8Array) throw new Error('an RSA key is no secret')
  const pem = await exportSPKI(publicKey)
  const made = (kid: string, key: Buffer) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid }).sign(key)
  t.equal(await verifier.verify(await made('rsa', Buffer.from(pem))), null, 'the public key')
  t.equal(await verifier.verify(await made('oct', secret)), null, 'a secret that is shown')
})

t.test('what a token says has to be as the operator has set it', async (t) => {
  const key = await createKey('ES256', 'one')
  const issuer = await createIssuer(t, key)
  const { verifier, logged } = verifierOf(issuer.trusted)
  const verify = async (claims: Claims) => verifier.verify(await createToken(key, claims))

  const good: [string, Claims][] = [
    ['one of several audiences', { aud: ['other', AUDIENCE, AUDIENCE] }],
    ['expired within the tolerance', { exp: inSeconds(-3) }],
    ['about to be valid', { nbf: inSeconds(3) }],
  ]
  for (const [name, claims] of good) t.strictSame(await verify(claims), ANN, name)
  const zoe = 'Zoë 🎫'.padEnd(255, '🎫').slice(0, 254)
  t.match(await verify({ sub: zoe }), { userId: zoe }, 'as long as a user_id may be')

  const ofNobody: [string, Claims][] = [
    ['another issuer', { iss: 'https://id.other.example' }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'other' }],
    ['no audience', { aud: undefined }],
    ['no audience of several', { aud: [] }],
  ]
  for (const [name, claims] of ofNobody) t.equal(await verify(claims), null, name)

  const genuine: [string, Claims][] = [
    ['expired', { exp: inSeconds(-10) }],
    ['without an end', { exp: undefined }],
    ['not valid yet', { nbf: inSeconds(60) }],
    ['without a subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a blank subject', { sub: '  ' }],
    ['a long subject', { sub: 'x'.repeat(256) }],
    ['NUL in the subject', { sub: 'an\0n' }],
    ['a line feed in the subject', { sub: 'ann\nbob' }],
    ['half of a pair in the subject', { sub: 'ann\ud800' }],
  ]
  for (const [name, claims] of genuine) await t.rejects(verify(claims), INVALID, name)
  t.equal(issuer.requests(), 1)
  t.notMatch(JSON.stringify(logged), /ann|eyJ|example/, 'nothing of a token is logged')
})

t.test('a subject that is no text is refused', async (t) => {
  const key = await createKey('ES256', 'one')
  const issuer = await createIssuer(t, key)
  const { verifier } = verifierOf(issuer.trusted)
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 5, exp: inSeconds(60) }
  const signed = `${encode({ alg: 'ES256', kid: 'one' })}.${encode(claims)}`
  const signature = await crypto.subtle.sign(
    { name: 'ECDSA', hash: 'SHA-256' },
    key.privateKey,
    Buffer.from(signed),
  )
  const token = `${signed}.${Buffer.from(signature).toString('base64url')}`
  await t.rejects(verifier.verify(token), INVALID)
})

t.test('a signature has to be of this key and this text', async (t) => {
  const key = await createKey('EdDSA', 'one')
  const forged = await createKey('EdDSA', 'one')
  const issuer = await createIssuer(t, key)
  const { verifier } = verifierOf(issuer.trusted)
  t.equal(await verifier.verify(await createToken(forged)), null)
  const late = { exp: inSeconds(-10) }
  t.equal(await verifier.verify(await createToken(forged, late)), null, 'expired or not')
  const [header = '', , signature = ''] = (await createToken(key)).split('.')
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'bob', exp: inSeconds(60) }
  t.equal(await verifier.verify(`${header}.${encode(claims)}.${signature}`), null)
  t.equal(await verifier.verify(`${header}.${encode(claims)}.`), null)
})

t.test('what is no token is refused before anybody is asked', async (t) => {
  const key = await createKey('ES256', 'one')
  const issuer = await createIssuer(t, key)
  const { verifier } = verifierOf(issuer.trusted)
  const long = await createToken(key, { filler: 'x'.repeat(MAX_TOKEN_LENGTH) })
  const nested = encode({ iss: { a: 1 }, aud: [{ b: 2 }, 3] })
  for (const text of ['', '.', '..', 'a.b.c', 'eyJ.eyJ.x', `${nested}.${nested}.x`, long]) {
    t.equal(await verifier.verify(text), null, text.slice(0, 20))
  }
  t.equal(issuer.requests(), 0)
})

t.test('keys that are weak, private or for something else are not used', async (t) => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2047 })
  const weak = { ...publicKey.export({ format: 'jwk' }), kid: 'weak' }
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'ann', exp: inSeconds(60) }
  const signed = `${encode({ alg: 'RS256', kid: 'weak' })}.${encode(claims)}`
  const signature = sign(
    'RSA-SHA256',
    Buffer.from(signed),
    createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  )
  const signing = await createKey('ES256', 'signing')
  const encrypting = await createKey('ES256', 'encrypting')
  const shown = await createKey('ES256', 'shown')
  const strange = [{}, { kty: 5 }, { kty: 'EC', kid: 'strange', crv: 'P-256', x: 7 }]
  const issuer = await createIssuer(t)
  issuer.show(
    weak,
    { ...encrypting.jwk, use: 'enc' },
    { ...shown.jwk, d: 'AQ' },
    ...strange,
    signing.jwk,
  )
  const { verifier } = verifierOf(issuer.trusted)
  const strangely = { ...signing, kid: 'strange' }
  t.equal(await verifier.verify(`${signed}.${signature.toString('base64url')}`), null, 'weak')
  for (const key of [encrypting, shown, strangely]) {
    const verifying = verifier.verify(await createToken(key))
    if (key === encrypting) await t.rejects(verifying, INVALID, 'as if it were not there yet')
    else t.equal(await verifying, null, key.kid)
  }
  t.strictSame(await verifier.verify(await createToken(signing)), ANN)
})

t.test('an issuer with two audiences is two tenants', async (t) => {
  const key = await createKey('ES256', 'one')
  const issuer = await createIssuer(t, key)
  const other = { ...issuer.trusted, tenantId: 'globex', audience: 'tickets' }
  const { verifier } = verifierOf(issuer.trusted, other)
  const verify = async (aud: string | string[]) =>
    (await verifier.verify(await createToken(key, { aud })))?.tenantId
  t.equal(await verify(AUDIENCE), 'acme')
  t.equal(await verify('tickets'), 'globex')
  t.equal(await verify([AUDIENCE, 'tickets']), undefined, 'and no token is both')
  t.equal(issuer.requests(), 1, 'who show their keys at one place')
})

t.test('a token for two audiences of one tenant is fine', async (t) => {
  const key = await createKey('ES256', 'one')
  const issuer = await createIssuer(t, key)
  const { verifier } = verifierOf(issuer.trusted, { ...issuer.trusted, audience: 'tickets' })
  for (const aud of [AUDIENCE, 'tickets', [AUDIENCE, 'tickets'], ['tickets', 'x', AUDIENCE]]) {
    t.strictSame(await verifier.verify(await createToken(key, { aud })), ANN)
  }
})

t.test("a tenant's issuer can't speak for another's", async (t) => {
  const mine = await createKey('ES256', 'one')
  const theirs = await createKey('ES256', 'one')
  const [acme, globex] = [await createIssuer(t, mine), await createIssuer(t, theirs)]
  const other = { ...globex.trusted, tenantId: 'globex', issuer: 'https://id.globex.example' }
  const { verifier } = verifierOf(acme.trusted, other)
  t.equal(await verifier.verify(await createToken(mine, { iss: other.issuer })), null)
  const caller = await verifier.verify(await createToken(theirs, { iss: other.issuer }))
  t.equal(caller?.tenantId, 'globex')
})

t.test('where nobody is named, no token is taken', async (t) => {
  const { verifier } = verifierOf()
  const token = await createToken(await createKey('ES256', 'one'))
  t.equal(await verifier.verify(token), null)
})
