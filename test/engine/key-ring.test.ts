import t from 'tap'
import { generateApiKey } from '../../src/engine/new-api-key.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startKeyRing } from '../helpers/key-ring.ts'
import { createKey } from '../helpers/keys.ts'

t.test('a key that is at hand costs no question, and no promise', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { ring, statements, used } = startKeyRing(t, url)
  const key = await createKey(pool, { tenant: 'acme', scopes: ['events:read', 'history:read'] })
  t.equal(ring.atHand(key), undefined, 'nobody has asked yet')
  const grant = await ring.ask(key)
  t.strictSame(grant, {
    caller: { tenantId: 'acme', actor: key.id, userId: null },
    scopes: new Set(['events:read', 'history:read']),
  })
  const given = Array.from({ length: 1000 }, () => ring.atHand(key))
  t.ok(given.every((each) => each === grant))
  t.equal(statements.length, 1)
  t.strictSame(used, [key.id], 'the use is told of once')
})

t.test('many who ask at once share statements', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { ring, statements } = startKeyRing(t, url, { maxKeysKept: 20 })
  const keys = await Promise.all(Array.from({ length: 20 }, () => createKey(pool)))
  const strangers = Array.from({ length: 20 }, generateApiKey)
  const asked = Array.from({ length: 10 }, () => [...keys, ...strangers]).flat()
  const grants = await Promise.all(asked.map((key) => ring.ask(key)))
  t.equal(grants.filter((grant) => grant !== null).length, 200)
  t.ok(statements.length <= 2, `${statements.length} statements`)
  t.ok(statements.every((ids) => new Set(ids).size === ids.length))
  const atHand = keys.filter((key) => ring.atHand(key) !== undefined)
  t.equal(atHand.length, 20, 'what is not there takes nobody its place')
})

t.test(
  'a wrong secret is never answered from memory, nor does it spoil what is there',
  async (t) => {
    const { url, pool } = await createTestDatabase(t)
    const { ring, statements } = startKeyRing(t, url)
    const key = await createKey(pool)
    await ring.ask(key)
    const wrong = { id: key.id, secret: generateApiKey().secret }
    for (const other of [wrong, generateApiKey()]) {
      const before = statements.length
      t.equal(ring.atHand(other), undefined)
      t.equal(await ring.ask(other), null)
      t.equal(statements.length, before + 1, 'each is a question, so that time tells nothing')
    }
    t.ok(ring.atHand(key))
  },
)

t.test('the ring has a bound, and lets go of the keys that were read longest ago', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { ring } = startKeyRing(t, url, { maxKeysKept: 3 })
  const keys = []
  for (let n = 0; n < 5; n += 1) {
    const key = await createKey(pool)
    keys.push(key)
    t.ok(await ring.ask(key))
  }
  const isAtHand = keys.map((key) => ring.atHand(key) !== undefined)
  t.strictSame(isAtHand, [false, false, true, true, true])
})

t.test('what was read before a key was forgotten is not kept after it', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  let onRead = (): Promise<void> => Promise.resolve()
  const { ring } = startKeyRing(t, url, {}, () => onRead())
  const [revoked, other] = [await createKey(pool), await createKey(pool)]
  onRead = async () => {
    await pool.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [revoked.id])
    ring.forget(revoked.id)
  }
  const before = [ring.ask(revoked), ring.ask(other)]
  for (const grant of await Promise.all(before)) t.ok(grant, 'who asked before is let in')
  onRead = () => Promise.resolve()
  t.equal(ring.atHand(revoked), undefined)
  t.equal(await ring.ask(revoked), null)
  t.ok(ring.atHand(other), 'the control: the rest of the same statement is kept')
})

t.test('a key that was revoked or has expired lets nobody in who asks', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { ring } = startKeyRing(t, url)
  const [revoked, expired, late] = [
    await createKey(pool),
    await createKey(pool),
    await createKey(pool),
  ]
  for (const key of [revoked, expired, late]) t.ok(await ring.ask(key))
  await pool.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [revoked.id])
  await pool.query('UPDATE api_keys SET expires_at = now() WHERE id = $1', [expired.id])
  await pool.query(`UPDATE api_keys SET expires_at = '9999-12-31' WHERE id = $1`, [late.id])
  t.equal(await ring.ask(revoked), null)
  t.equal(await ring.ask(expired), null)
  t.ok(await ring.ask(late))
  t.equal(ring.atHand(revoked), undefined, 'what was asked is known from then on')
  t.ok(ring.atHand(late))
})

t.test('too many who wait are turned away', async (t) => {
  const { url } = await createTestDatabase(t)
  const { ring } = startKeyRing(t, url, { maxWaiting: 2 })
  const answers = await Promise.allSettled(
    Array.from({ length: 5 }, () => ring.ask(generateApiKey())),
  )
  const reasons = answers.map((answer) =>
    answer.status === 'rejected' ? (answer.reason as unknown) : null,
  )
  t.match(reasons, [null, null, { reason: 'overloaded' }, { reason: 'overloaded' }, {}])
})
