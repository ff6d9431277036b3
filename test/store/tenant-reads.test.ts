import t from 'tap'
import { DEFAULT_TENANT } from '../../src/domain/access.ts'
import { readEvents } from '../../src/store/reads/events.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { READS } from '../helpers/tenant-reads.ts'
import { createFilled, EVENT, MISSING, OWNER, STRANGER } from '../helpers/tenant-rows.ts'

// The promise: whatever is read, and with whatever else, a tenant is given its own and no more.

t.test("nothing of another's comes out", async (t) => {
  const { url, pool } = await createFilled(t)
  const { prisma } = startEngine(t, url)
  const isEmpty = (found: unknown): boolean =>
    found === null ||
    (found instanceof Map || found instanceof Set
      ? found.size === 0
      : JSON.stringify(found) === '{"rows":[],"next":null}')
  for (const [name, read] of Object.entries(READS)) {
    const stranger = await read(prisma, STRANGER, EVENT)
    t.ok(isEmpty(stranger), `${name}: nothing`)
    t.same(stranger, await read(prisma, STRANGER, MISSING), `${name}: as if there were none`)
  }
  await pool.query(`UPDATE bookings SET expires_at = now() + interval '1 day'`)
  for (const [name, read] of Object.entries(READS)) {
    t.notOk(isEmpty(await read(prisma, OWNER, EVENT)), `${name}: the owner sees it`)
    const asDefault = await read(prisma, DEFAULT_TENANT, EVENT)
    t.ok(isEmpty(asDefault), `${name}: nor does it belong to who says no tenant`)
  }
})

t.test('who asks for the same ids in one statement is given what is his', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { prisma } = startEngine(t, url)
  await pool.query(
    `INSERT INTO events (tenant_id, name, total_seats)
     SELECT CASE WHEN n % 2 = 0 THEN $1 ELSE $2 END, 'E' || n, 10 FROM generate_series(1, 10) AS n`,
    [OWNER, STRANGER],
  )
  const ids = Array.from({ length: 12 }, (_, i) => i + 1)
  const asked = [OWNER, STRANGER].flatMap((tenantId) => ids.map((id) => ({ id, tenantId })))
  const found = await readEvents(prisma, asked)
  const expected = ids
    .slice(0, 10)
    .map((id): [string, string] => [`${id} ${id % 2 === 0 ? OWNER : STRANGER}`, `E${id}`])
  t.same(new Map([...found].map(([key, { name }]) => [key, name])), new Map(expected))
})
