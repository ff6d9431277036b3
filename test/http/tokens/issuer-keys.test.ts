import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { MAX_KEYS_BYTES } from '../../../src/http/tokens/fetch-keys.ts'
import { TokenVerifier } from '../../../src/http/tokens/token-verifier.ts'
import { createIssuer, createKey, createToken, type SigningKey } from '../../helpers/issuer.ts'

const ANN = { tenantId: 'acme', actor: 'user:ann', userId: 'ann' }
const INVALID = { code: 'invalid_token' }
const UNAVAILABLE = { code: 'token_keys_unavailable', statusCode: 503 }
const SECOND = 1000
const MINUTE = 60 * SECOND

/** A verifier whose keys get old as the test says, and how often it could not get any. */
async function setUp(t: Test, keys: readonly SigningKey[], keysTimeoutMs = 20_000) {
  const issuer = await createIssuer(t, ...keys)
  const failures: unknown[] = []
  const log = { debug: () => undefined, warn: (...args: unknown[]) => failures.push(args) }
  let nowMs = 0
  const verifier = new TokenVerifier({
    issuers: [issuer.trusted],
    keysTimeoutMs,
    log,
    now: () => nowMs,
  })
  return {
    issuer,
    failures,
    verify: async (key: SigningKey) => verifier.verify(await createToken(key)),
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

t.test('an unknown key id fetches the keys once, then no more for half a minute', async (t) => {
  const one = await createKey('ES256', 'one')
  const madeUp = Array.from({ length: 50 }, (_, i) => ({ ...one, kid: `made-up-${i}` }))
  const { issuer, verify, pass } = await setUp(t, [one])
  await verify(one)
  t.equal(issuer.requests(), 1)
  /** Whether they are refused as those that may be new, or as nobody's. */
  const refused = async () => {
    const answers = await Promise.allSettled(madeUp.map(verify))
    const told = answers.map((answer) =>
      answer.status === 'fulfilled' ? answer.value : String(answer.reason),
    )
    return [...new Set(told)]
  }
  const MAYBE_NEW = ['HttpError: The API key or token is not valid']
  t.strictSame(await refused(), MAYBE_NEW)
  t.equal(issuer.requests(), 1, 'they have just been fetched')
  pass(30 * SECOND)
  t.strictSame(await refused(), [null])
  t.equal(issuer.requests(), 2, 'once for all who ask')
  pass(29 * SECOND)
  t.strictSame(await refused(), MAYBE_NEW)
  t.equal(issuer.requests(), 2)
  t.strictSame(await verify(one), ANN, 'those of others are taken all the while')
})

t.test('a new key is found, and one that was taken back is used no longer', async (t) => {
  const [one, two] = [await createKey('ES256', 'one'), await createKey('RS256', 'two')]
  const { issuer, verify, pass } = await setUp(t, [one])
  await verify(one)
  issuer.show(one.jwk, two.jwk)
  pass(MINUTE)
  t.strictSame(await verify(two), ANN)
  t.equal(issuer.requests(), 2)
  issuer.show(two.jwk)
  pass(10 * MINUTE)
  await t.rejects(verify(one), INVALID)
  t.strictSame(await verify(two), ANN)
  t.equal(issuer.requests(), 3)
})

t.test('keys are fetched anew beforehand, and nobody waits for it', async (t) => {
  const one = await createKey('ES256', 'one')
  const { issuer, failures, verify, pass } = await setUp(t, [one])
  await verify(one)
  pass(5 * MINUTE)
  let answer = (): void => undefined
  const asked = new Promise<void>((resolve) => {
    issuer.answerWith((_request, response) => {
      answer = () => response.end(JSON.stringify({ keys: [one.jwk] }))
      resolve()
    })
  })
  t.strictSame(await verify(one), ANN, 'while the issuer has not answered')
  t.equal(failures.length, 0, 'and before it was given up')
  await asked
  answer()
  t.equal(issuer.requests(), 2)
})

t.test('while the issuer is down its keys go on, for an hour', async (t) => {
  const one = await createKey('ES256', 'one')
  const { issuer, failures, verify, pass } = await setUp(t, [one])
  await verify(one)
  await issuer.stop()
  pass(15 * MINUTE)
  t.strictSame(await verify(one), ANN)
  t.equal(failures.length, 1)
  t.match(failures[0], [{ host: /^127\.0\.0\.1:\d+$/, err: Error }, /token issuer/])
  await Promise.all(Array.from({ length: 20 }, () => verify(one)))
  t.equal(failures.length, 1, 'it is not tried again at once')
  await t.rejects(verify({ ...one, kid: 'unknown' }), INVALID)
  pass(45 * MINUTE)
  await t.rejects(verify(one), UNAVAILABLE)
  await issuer.restart()
  pass(5 * SECOND)
  t.strictSame(await verify(one), ANN)
})

t.test('an issuer that is down holds up nobody each time that it is tried', async (t) => {
  const one = await createKey('ES256', 'one')
  const { issuer, failures, verify, pass } = await setUp(t, [one])
  await verify(one)
  await issuer.stop()
  pass(15 * MINUTE)
  await verify(one)
  t.equal(failures.length, 1)
  await issuer.restart()
  const asked = new Promise<void>((resolve) => {
    issuer.answerWith(() => {
      resolve()
    })
  })
  pass(30 * SECOND)
  t.strictSame(await verify(one), ANN)
  await asked
  t.equal(failures.length, 1, 'nobody has waited for what became of it')
})

t.test('all who come first wait for the same keys', async (t) => {
  const one = await createKey('ES256', 'one')
  const { issuer, verify } = await setUp(t, [one])
  const callers = await Promise.all(Array.from({ length: 20 }, () => verify(one)))
  t.strictSame(new Set(callers.map((caller) => caller?.userId)), new Set(['ann']))
  t.equal(issuer.requests(), 1)
})

t.test('without any key it is 503, and tried again five seconds later', async (t) => {
  const one = await createKey('ES256', 'one')
  const { issuer, failures, verify, pass } = await setUp(t, [one])
  await issuer.stop()
  await t.rejects(verify(one), { ...UNAVAILABLE, retryAfterSeconds: 5 })
  pass(3500)
  await t.rejects(verify(one), { ...UNAVAILABLE, retryAfterSeconds: 2 })
  t.equal(failures.length, 1)
  await issuer.restart()
  pass(1500)
  t.strictSame(await verify(one), ANN)
})

t.test('a slow issuer is given up at the deadline, wherever it stops', async (t) => {
  const one = await createKey('ES256', 'one')
  const { issuer, failures, verify, pass } = await setUp(t, [one], 50)
  issuer.answerWith(() => undefined)
  await t.rejects(verify(one), UNAVAILABLE, 'before its head')
  pass(MINUTE)
  issuer.answerWith((_request, response) => {
    response.write('{"keys":')
  })
  await t.rejects(verify(one), UNAVAILABLE, 'within its body')
  for (const failure of failures) t.match(failure, [{ err: { name: 'TimeoutError' } }])
})

t.test('what is no set of keys is as good as no answer', async (t) => {
  const one = await createKey('ES256', 'one')
  const { issuer, failures, verify, pass } = await setUp(t, [one])
  const keys = JSON.stringify({ keys: [one.jwk] })
  for (const body of [
    '',
    'null',
    '[]',
    '{}',
    '{"keys":5}',
    '{"keys":[5]}',
    '<html>',
    keys.slice(0, -1),
  ]) {
    issuer.answerWith((_request, response) => response.end(body))
    await t.rejects(verify(one), UNAVAILABLE, body)
    pass(MINUTE)
  }
  for (const status of [201, 404, 500]) {
    issuer.answerWith((_request, response) => response.writeHead(status).end(keys))
    await t.rejects(verify(one), UNAVAILABLE, `${status}`)
    pass(MINUTE)
  }
  t.equal(failures.length, 11)
})

t.test('a redirect is not followed', async (t) => {
  const one = await createKey('ES256', 'one')
  const elsewhere = await createIssuer(t, one)
  const { issuer, verify } = await setUp(t, [])
  issuer.answerWith((_request, response) => {
    response.writeHead(302, { location: elsewhere.jwksUrl }).end()
  })
  await t.rejects(verify(one), UNAVAILABLE)
  t.equal(elsewhere.requests(), 0)
})

t.test('a set of keys without end is given up, compressed or not', async (t) => {
  const one = await createKey('ES256', 'one')
  const { issuer, failures, verify, pass } = await setUp(t, [one])
  const closed = new Promise<void>((resolve) => {
    issuer.answerWith((request, response) => {
      request.socket.on('close', () => {
        resolve()
      })
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      }
      response.on('drain', more)
      more()
    })
  })
  await t.rejects(verify(one), UNAVAILABLE)
  await closed
  pass(MINUTE)
  const bomb = gzipSync(' '.repeat(MAX_KEYS_BYTES) + JSON.stringify({ keys: [one.jwk] }))
  t.ok(bomb.length < 5000)
  issuer.answerWith((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
  })
  await t.rejects(verify(one), UNAVAILABLE)
  const tooMuch = { err: { message: `The answer has more than ${MAX_KEYS_BYTES} bytes` } }
  t.match(failures, [[tooMuch], [tooMuch]])
})
