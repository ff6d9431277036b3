import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import t from 'tap'
import { createTestDatabase } from '../helpers/database.ts'
import { projectDir } from '../helpers/run-state.ts'
import { DIFFERENCES, GIVEN } from '../helpers/waitlist-blocks.ts'

/** What docs/operations.md has an operator run where no trigger has counted. */
async function documentedRepair(): Promise<string> {
  const text = await readFile(join(projectDir, 'docs/operations.md'), 'utf8')
  const [, sql = ''] = /```sql\n(BEGIN;\nLOCK .*?)```/s.exec(text) ?? []
  return sql
}

const TABLES = ['events', 'bookings', 'waitlist_entries']
const switchTriggers = (how: 'DISABLE' | 'ENABLE'): string =>
  TABLES.map((table) => `ALTER TABLE ${table} ${how} TRIGGER USER`).join('; ')

const UNCOUNTED = `
  INSERT INTO events (name, total_seats, tenant_id) VALUES ('Uncounted', 9, 'acme');
  UPDATE events SET name = 'Opera' WHERE id = 1;
  UPDATE events SET deleted_at = now() WHERE id = 3;
  INSERT INTO bookings (event_id, tenant_id, user_id, seats, status, expires_at) VALUES
    (4, 'acme', 'ann', 2, 'held', now()), (4, 'acme', 'bob', 3, 'confirmed', NULL);
  DELETE FROM bookings WHERE event_id = 2;
  DELETE FROM waitlist_entries WHERE id IN (1, 2, 3, 40000);
  INSERT INTO waitlist_entries (event_id, user_id) VALUES (4, 'cyd')`

/** Events of which something is not as the triggers have it; by their ids. */
async function faultsIn(pool: pg.Pool): Promise<{ counters: unknown[]; listings: unknown[] }> {
  const counters = await pool.query<{ id: number }>(`
    SELECT id FROM events AS e
    WHERE (taken, held, waiting) IS DISTINCT FROM (
      (SELECT COALESCE(sum(seats), 0) FROM bookings WHERE event_id = e.id),
      (SELECT COALESCE(sum(seats), 0) FROM bookings WHERE event_id = e.id AND status = 'held'),
      (SELECT count(*) FROM waitlist_entries WHERE event_id = e.id))
    ORDER BY id`)
  const listings = await pool.query<{ id: number }>(`
    SELECT COALESCE(id, event_id) AS id
    FROM event_listings AS l FULL JOIN (SELECT * FROM events WHERE deleted_at IS NULL) AS e ON event_id = id
    WHERE l.name IS DISTINCT FROM e.name OR l.starts_at IS DISTINCT FROM e.starts_at
      OR l.tenant_id IS DISTINCT FROM e.tenant_id OR l.event_id IS NULL
    ORDER BY 1`)
  return {
    counters: counters.rows.map(({ id }) => id),
    listings: listings.rows.map(({ id }) => id),
  }
}

t.test('what was written without triggers is counted anew as it is documented', async (t) => {
  const { pool } = await createTestDatabase(t)
  await pool.query(GIVEN)
  await pool.query(`UPDATE events SET tenant_id = 'acme' WHERE id = 2`)
  await pool.query(`
    INSERT INTO bookings (event_id, tenant_id, user_id) VALUES (1, 'default', 'ann'), (2, 'acme', 'ann')`)
  await pool.query(`${switchTriggers('DISABLE')}; ${UNCOUNTED}; ${switchTriggers('ENABLE')}`)
  t.same(await faultsIn(pool), { counters: [1, 2, 4], listings: [1, 3, 4] })
  t.ok((await pool.query(DIFFERENCES)).rowCount)

  await pool.query(await documentedRepair())
  t.same(await faultsIn(pool), { counters: [], listings: [] })
  t.same((await pool.query(DIFFERENCES)).rows, [])
})
