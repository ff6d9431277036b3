import t from 'tap'
import { listHistory } from '../../src/store/reads/history.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { addHistory, EVENT, MANY, OWNER, STRANGER } from '../helpers/tenant-rows.ts'

t.test("of an id that was another's, the history begins where that one's ends", async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { prisma } = startEngine(t, url)
  await addHistory(pool)
  const history = (tenantId: string, after = 0) =>
    listHistory(prisma, { eventId: EVENT, tenantId, after, limit: 50 })
  t.equal((await history(OWNER))?.rows.length, 50, 'the event is gone')
  t.equal(await history(STRANGER), null)

  await pool.query(`INSERT INTO events (tenant_id, name, total_seats) VALUES ($1, 'Ours', 10)`, [
    STRANGER,
  ])
  t.equal(await history(OWNER), null, 'whose event it is now decides')
  t.same(await history(STRANGER), { rows: [], next: [50] }, 'a short page, and there is more')
  await pool.query(
    `INSERT INTO event_history (event_id, tenant_id, first_sequence, last_sequence, at, changes)
     VALUES ($1, $2, $3, $3, now(),
       '[{"type": "capacity_changed", "seats_before": 0, "seats_after": 10}]')`,
    [EVENT, STRANGER, MANY + 1],
  )
  const sequences: number[] = []
  let after: number | undefined = 0
  while (after !== undefined) {
    const found = await history(STRANGER, after)
    sequences.push(...(found?.rows ?? []).map(({ sequence }) => sequence))
    after = found?.next === null ? undefined : Number(found?.next[0])
  }
  t.same(sequences, [MANY + 1])

  await pool.query('DELETE FROM events')
  t.equal(await history(OWNER), null, 'and whose it was last, where it is gone')
  t.same((await history(STRANGER, MANY))?.rows.length, 1)
})
