import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { createTestDatabase } from '../helpers/database.ts'

t.test('events of whoever knows no status are on sale, without deadlines', async (t) => {
  const { ask, reserve, database } = await createApi(t)
  // As the version before makes them, and the predecessor.
  const { rows } = await database.pool.query<{ id: number }>(
    `INSERT INTO events (name, total_seats, hold_seconds, metadata) VALUES ('Before', 1, 60, '{}')
     RETURNING id`,
  )
  const id = rows[0]?.id ?? 0
  const none = { time_zone: null, cancel_until: null, waitlist_closes_at: null }
  t.match((await ask('GET', `/events/${id}`)).body, { status: 'on_sale', ...none })
  t.equal((await reserve(id, 'ann')).status, 201)
})

t.test('no row has what the service could not show, or has no rule for', async (t) => {
  const { pool } = await createTestDatabase(t)
  await pool.query(`INSERT INTO events (name, total_seats) VALUES ('Concert', 1)`)
  const wrong: [column: string, values: (string | null)[]][] = [
    ['status', ['open', '', 'ON_SALE', null]],
    ['time_zone', ['', '+02:00', 'Europe Berlin', 'x'.repeat(65)]],
    ['cancel_until', ['infinity', '-infinity', '10000-01-01 00:00:00+00', '0001-01-01 BC']],
    ['waitlist_closes_at', ['infinity', '-infinity', '10000-01-01 00:00:00+00']],
  ]
  for (const [column, values] of wrong) {
    for (const value of values) {
      await t.rejects(
        pool.query(`UPDATE events SET ${column} = $1`, [value]),
        { code: value === null ? '23502' : '23514' },
        `${column} ${String(value)}`,
      )
    }
  }
  const right: [column: string, values: (string | null)[]][] = [
    ['status', ['draft', 'on_sale', 'paused', 'cancelled', 'on_sale']],
    ['time_zone', ['UTC', 'Etc/GMT+5', 'America/Port-au-Prince', null]],
    ['cancel_until', ['0001-01-01 00:00:00+00', '9999-12-31 23:59:59.999999+00', null]],
    ['waitlist_closes_at', ['0001-01-01 00:00:00+00', '9999-12-31 23:59:59.999999+00', null]],
  ]
  for (const [column, values] of right) {
    for (const value of values) await pool.query(`UPDATE events SET ${column} = $1`, [value])
  }
  t.pass('and all else can be written')
})

t.test('an update of counters stays one that no index has to know of', async (t) => {
  const { pool } = await createTestDatabase(t)
  const { rows } = await pool.query<{ name: string }>(
    `SELECT indexrelid::regclass::text AS name FROM pg_index
     WHERE indrelid = 'events'::regclass AND pg_get_indexdef(indexrelid) ~ '\\m(taken|held|waiting)\\M'`,
  )
  t.same(rows, [])
})
