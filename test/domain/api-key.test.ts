import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { allows, isScope, isTenantName, SCOPES } from '../../src/domain/access.ts'
import {
  formatApiKey,
  hashSecret,
  isApiKeyId,
  isSecretOf,
  parseApiKey,
} from '../../src/domain/api-key.ts'
import { generateApiKey } from '../../src/engine/new-api-key.ts'

t.test('a key that is made has its form, and comes apart as it was put together', async (t) => {
  const made = Array.from({ length: 200 }, generateApiKey)
  for (const key of made) {
    t.match(formatApiKey(key), /^rsv_[a-z0-9]{16}_[A-Za-z0-9_-]{43}$/)
    t.strictSame(parseApiKey(formatApiKey(key)), key)
    t.ok(isApiKeyId(key.id))
    t.equal(Buffer.from(key.secret, 'base64url').length, 32)
  }
  t.equal(new Set(made.map(({ id }) => id)).size, made.length)
  t.equal(new Set(made.map(({ secret }) => secret)).size, made.length)
})

t.test('what has another form is no key', async (t) => {
  const text = formatApiKey(generateApiKey())
  for (const other of [
    '',
    text.slice(0, -1),
    `${text}A`,
    `${text}\n`,
    ` ${text}`,
    text.replace('rsv_', 'RSV_'),
    text.replace('rsv_', ''),
    `rsv_${'A'.repeat(16)}_${'a'.repeat(43)}`,
    `rsv_${'a'.repeat(16)}_${'ä'.repeat(43)}`,
    `rsv_${'a'.repeat(16)}_${'+'.repeat(43)}`,
  ]) {
    t.equal(parseApiKey(other), undefined, JSON.stringify(other))
  }
  fc.assert(fc.property(fc.string(), (other) => parseApiKey(other) === undefined))
})

t.test('a secret is known by its hash, and any other is not', async (t) => {
  const { secret } = generateApiKey()
  const stored = hashSecret(secret)
  t.ok(stored.equals(createHash('sha256').update(secret).digest()))
  t.ok(isSecretOf(secret, stored))
  t.ok(isSecretOf(secret, new Uint8Array(stored)), 'as a driver reads it')
  t.notOk(isSecretOf(generateApiKey().secret, stored))
  t.notOk(isSecretOf(secret, new Uint8Array(32)))
  const altered = secret.startsWith('A') ? `B${secret.slice(1)}` : `A${secret.slice(1)}`
  t.notOk(isSecretOf(altered, stored))
})

t.test('tenants have names that need no quotes anywhere', async (t) => {
  for (const name of ['a', '7', 'default', 'acme', 'a-b_c', 'a'.repeat(63)]) {
    t.ok(isTenantName(name), name)
  }
  for (const name of ['', 'A', '-a', '_a', 'a b', 'a.b', 'ä', 'a\n', 'a'.repeat(64)]) {
    t.notOk(isTenantName(name), JSON.stringify(name))
  }
})

t.test('admin allows everything, and any other scope itself only', async (t) => {
  for (const granted of SCOPES) {
    for (const scope of SCOPES) {
      const expected = granted === 'admin' || granted === scope
      t.equal(allows(new Set([granted]), scope), expected, `${granted} for ${scope}`)
    }
  }
  t.notOk(allows(new Set(), 'events:read'))
  t.ok(SCOPES.every(isScope))
  t.notOk(isScope('events:delete'))
})
