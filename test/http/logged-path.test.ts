import fc from 'fast-check'
import t from 'tap'
import { formatApiKey } from '../../src/domain/api-key.ts'
import { generateApiKey } from '../../src/engine/new-api-key.ts'
import { loggedPath } from '../../src/http/logging/logged-path.ts'

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** A character as it is, or percent-encoded as no client has to, and some do. */
const written = (text: string): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: text.length, maxLength: text.length })
    .map((dice) => Array.from(text, (c, i) => (dice[i] === 0 ? encoded(c) : c)).join(''))

const encoded = (c: string): string => `%${c.charCodeAt(0).toString(16)}`

const base64url = (minLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from(BASE64URL)), minLength, maxLength: 90 })

t.test('paths of ours stay as they are', async (t) => {
  for (const path of [
    '/',
    '/api/keys/rsv',
    '/api/events/1/waitlist',
    '/documentation/static/a.css',
  ])
    t.equal(loggedPath(path), path)
})

t.test('of an API key the id is left', async (t) => {
  const { id, secret } = generateApiKey()
  for (const key of [
    `rsv_${id}_${secret}`,
    `rsv_${id}_${secret.slice(0, 20)}`,
    `rsv_${id}_a.b.c`,
  ]) {
    t.equal(loggedPath(`/api/keys/${key}/more`), `/api/keys/rsv_${id}_***/more`)
    t.equal(loggedPath(`/x${key}`), `/xrsv_${id}_***`)
  }
  t.equal(loggedPath(`/RSV_${id}_${secret}`), `/RSV_${id}_***`)
  t.equal(loggedPath(`/rsv_${id.slice(1)}_${secret}`), '/rsv_***', 'a letter got lost')
  t.equal(loggedPath(`/rsv%5F${id}%5F${secret}`), '/rsv')
})

t.test('of a token nothing is left', async (t) => {
  t.equal(loggedPath('/api/eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2ln/x'), '/api/***/x')
  t.equal(loggedPath('/api/eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm4ifQ%2Ec2ln'), '/api/***')
  t.equal(loggedPath('/api/ewogImFsZyI6IngifQ.e30.c2ln'), '/api/***', 'written with spaces')
})

t.test('a long path takes no more than its length', async (t) => {
  // By the square of it, each of these would take minutes, and the test would be over its time.
  for (const part of ['a', 'a.a/', '/rsv_', '/eyJ', '/a.']) {
    const long = part.repeat(1_000_000 / part.length)
    t.ok(loggedPath(`/eyJ/a.b.c/rsv_/${long}`).startsWith('/***/***/rsv_***/'), part)
  }
})

t.test('no six characters of a secret get through, however it is written', async (t) => {
  const key = fc.constant(null).map(generateApiKey)
  await fc.assert(
    fc.asyncProperty(
      key.chain((key) => fc.tuple(fc.constant(key.secret), written(formatApiKey(key)))),
      base64url(0),
      async ([secret, text], before) => {
        const logged = loggedPath(`/api/keys/${before}${text}?x`)
        for (let i = 0; i + 6 <= secret.length; i += 1) {
          if (logged.includes(secret.slice(i, i + 6))) throw new Error(logged)
        }
      },
    ),
    { numRuns: 500 },
  )
  t.pass()
})

t.test('nor of a signature', async (t) => {
  const token = fc.tuple(base64url(10), base64url(10), base64url(43))
  await fc.assert(
    fc.asyncProperty(
      token.chain((parts) => fc.tuple(fc.constant(parts[2]), written(parts.join('.')))),
      async ([signature, text]) => {
        const logged = loggedPath(`/api/events/${text}`)
        if (logged.includes(signature.slice(0, 6))) throw new Error(logged)
      },
    ),
    { numRuns: 500 },
  )
  t.pass()
})
