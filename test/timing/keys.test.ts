import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { createTestDatabase } from '../helpers/database.ts'
import { createKey } from '../helpers/keys.ts'
import { startService } from '../helpers/service.ts'

// The promise: a key that is revoked lets nobody in after 5 seconds, in any process.

const PROMISE_MS = 5000
/** Between two requests: such as a client in steady use sends. */
const PAUSE_MS = 25

t.test('what is revoked lets nobody in after 5 seconds, in any process', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const keys = { AUTH: 'keys' }
  const services = [await startService(t, url, keys), await startService(t, url, keys)]
  const [admin, key, other] = [
    await createKey(pool),
    await createKey(pool, { scopes: ['events:read'] }),
    await createKey(pool, { scopes: ['events:read'] }),
  ]
  const ask = async (baseUrl: string, { headers }: { headers: Record<string, string> }) => {
    const answer = await fetch(`${baseUrl}/api/events`, { headers })
    await answer.body?.cancel()
    return answer.status
  }
  const [first, second] = services
  if (first === undefined || second === undefined) throw new Error('there is no service')
  for (const { baseUrl } of services) t.equal(await ask(baseUrl, key), 200)

  const { headers } = admin
  const revoked = await fetch(`${first.baseUrl}/api/keys/${key.id}`, { method: 'DELETE', headers })
  const since = performance.now()
  t.equal(revoked.status, 204)
  t.equal(await ask(first.baseUrl, key), 401, 'at once where it was revoked')
  const letInAtMs: number[] = []
  let [sentMs, asked] = [0, 0]
  while (sentMs < PROMISE_MS + 1000) {
    sentMs = performance.now() - since
    if ((await ask(second.baseUrl, key)) === 200) letInAtMs.push(sentMs)
    t.equal(await ask(second.baseUrl, other), 200, 'nobody else notices')
    asked += 1
    await delay(PAUSE_MS)
  }
  t.comment(`let in ${letInAtMs.length} times of ${asked}, last after ${letInAtMs.at(-1)} ms`)
  const late = letInAtMs.filter((ms) => ms >= PROMISE_MS)
  t.strictSame(late, [])
  t.ok(asked > letInAtMs.length)
})
