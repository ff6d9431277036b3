import t from 'tap'
import { KeyDesk } from '../../src/engine/key-desk.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { createKey } from '../helpers/keys.ts'

const BOUNDS = {
  transactionMaxWaitMs: 20_000,
  lockTimeoutMs: 20_000,
  transactionTimeoutMs: 30_000,
  timeoutMs: 60_000,
}
const OVERLOADED = { message: 'overloaded' }

t.test('who floods it with new keys keeps nobody from revoking one', async (t) => {
  const { pool, url } = await createTestDatabase(t)
  const { prisma } = startEngine(t, url)
  const desk = new KeyDesk(prisma, BOUNDS)
  const { id } = await createKey(pool, { tenant: 'quiet' })
  const wanted = { tenantId: 'loud', name: 'x', scopes: ['admin'], expiresAt: null } as const
  const order: string[] = []
  const flood = Array.from({ length: 200 }, async () => {
    await desk.issue(wanted, 'loud')
    order.push('loud')
  })
  const revoked = desk.revoke('quiet', id, 'quiet').then((isThere) => {
    order.push('quiet')
    return isThere
  })
  const settled = await Promise.allSettled(flood)
  t.equal(await revoked, true)
  t.ok(order.indexOf('quiet') <= 2, `after ${order.indexOf('quiet')} of the flood`)
  const refused = settled.filter(({ status }) => status === 'rejected')
  t.ok(refused.length > 100, 'the flood has its bound')
  for (const { reason } of refused as PromiseRejectedResult[]) t.match(reason, OVERLOADED)

  const alike = Array.from({ length: 200 }, () => desk.issue(wanted, null))
  await t.rejects(desk.revoke('quiet', id, null), OVERLOADED, 'the control: nobody is told apart')
  await Promise.allSettled(alike)
})

t.test('what waits for its turn is given up in time, and has changed nothing', async (t) => {
  const { pool, url } = await createTestDatabase(t)
  const { prisma } = startEngine(t, url)
  const desk = new KeyDesk(prisma, { ...BOUNDS, timeoutMs: 100 })
  const { id } = await createKey(pool)
  const holder = await pool.connect()
  await holder.query('BEGIN; LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE')
  const wanted = { tenantId: 'acme', name: 'x', scopes: ['admin'], expiresAt: null } as const
  const atWork = desk.issue(wanted, 'acme')
  await t.rejects(desk.revoke('acme', id, 'acme'), OVERLOADED)
  await holder.query('COMMIT')
  holder.release()
  t.match(await atWork, { key: /^rsv_/ }, 'what had begun comes to its end')
  const { rows } = await pool.query('SELECT FROM api_keys WHERE revoked_at IS NOT NULL')
  t.equal(rows.length, 0)
  t.equal(await desk.revoke('acme', id, 'acme'), true)
})
