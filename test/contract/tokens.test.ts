import t from 'tap'
import { createKey, createToken, type SigningKey } from '../helpers/issuer.ts'
import { createTokenApi } from '../helpers/token-api.ts'

t.test('a token that is none is 401, and one that nobody can check now is 503', async (t) => {
  const { ask, key, issuer, createEvent } = await createTokenApi(t)
  const eventId = await createEvent(1)
  const askWith = async (claims: object) => {
    const authorization = `Bearer ${await createToken(key, { ...claims })}`
    return ask('GET', `/events/${eventId}`, undefined, { authorization })
  }
  await issuer.stop()
  const { status, headers, body } = await askWith({})
  const error = 'The keys that tokens are signed with are unavailable; try again later'
  t.match({ status, body }, { status: 503, body: { error } })
  t.match(headers['retry-after'], /^[1-5]$/)
  const invalid = { status: 401, body: { error: 'The API key or token is not valid' } }
  t.match(await askWith({ iss: 'https://nobody.example' }), invalid)
  t.match(await askWith({ aud: 'nobody' }), invalid)
})

t.test('tokens that have expired block nobody, and forged ones do', async (t) => {
  const { ask, key } = await createTokenApi(t, { FAILED_AUTH_PER_MINUTE: '3' })
  const statusWith = async (signedBy: SigningKey, claims: object = {}) => {
    const authorization = `Bearer ${await createToken(signedBy, { ...claims })}`
    return (await ask('GET', '/events', undefined, { authorization })).status
  }
  const hourAgo = Math.floor(Date.now() / 1000) - 3600
  for (let n = 0; n < 5; n += 1) {
    t.equal(await statusWith(key, { exp: hourAgo }), 401, 'expired')
    t.equal(await statusWith(key, { nbf: hourAgo + 7200 }), 401, 'not valid yet')
    t.equal(await statusWith({ ...key, kid: 'new' }), 401, 'by a key that may be new')
  }
  t.equal(await statusWith(key), 200)
  const forger = await createKey('ES256', key.kid)
  for (let n = 0; n < 3; n += 1) t.equal(await statusWith(forger, { exp: hourAgo }), 401)
  t.equal(await statusWith(forger), 429)
})
