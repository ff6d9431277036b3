import t from 'tap'
import { createTestDatabase } from '../helpers/database.ts'
import { startKeyRing } from '../helpers/key-ring.ts'
import { createKey } from '../helpers/keys.ts'
import { startProxy } from '../helpers/proxy.ts'

// The promises: a key in steady use is never waited for, and outlives a database that is away for a
// moment, but no longer. By a clock that the test moves.

/** How long a key is used without a question, and how long at all. */
const FRESH_MS = 2000
const USABLE_MS = 4000
/** Between two tries where the database is away. */
const RETRY_MS = 250
/** Between two requests: such as a client in steady use sends. */
const PAUSE_MS = 25

t.test('a key in steady use is not waited for', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { ring, statements, errors, clock, quiet } = startKeyRing(t, url)
  const key = await createKey(pool)
  t.ok(await ring.ask(key))
  const periods = 3
  while (clock.nowMs < periods * FRESH_MS + PAUSE_MS) {
    clock.nowMs += PAUSE_MS
    t.ok(ring.atHand(key), `at hand after ${clock.nowMs} ms`)
    await quiet()
  }
  t.equal(statements.length, 1 + periods, 'it is read again once in a while')
  t.strictSame(errors, [])
  clock.nowMs += USABLE_MS
  t.equal(ring.atHand(key), undefined, 'one that was not used for a while is asked for')
})

t.test('how old a key is counts from before it was read', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { ring, clock } = startKeyRing(t, url)
  const key = await createKey(pool)
  const asked = ring.ask(key)
  // What is read together is asked for at the end of this turn, and no answer is there by then.
  setImmediate(() => (clock.nowMs = USABLE_MS))
  t.ok(await asked)
  t.equal(ring.atHand(key), undefined)
})

t.test('while the database is away, keys are good for the moments promised', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const proxy = await startProxy(t, url)
  const { ring, errors, clock, quiet } = startKeyRing(t, proxy.url)
  const key = await createKey(pool)
  t.ok(await ring.ask(key))
  await proxy.refuse()
  for (; clock.nowMs < USABLE_MS; clock.nowMs += PAUSE_MS) {
    t.ok(ring.atHand(key), `at hand after ${clock.nowMs} ms`)
    await quiet()
  }
  t.equal(ring.atHand(key), undefined)
  t.equal(errors.length, (USABLE_MS - FRESH_MS) / RETRY_MS, 'it was not tried at each request')
  await t.rejects(ring.ask(key), { message: 'database_unavailable' })
  await proxy.accept()
  t.ok(await ring.ask(key))
})
