import t from 'tap'
import { createFilled } from '../helpers/tenant-rows.ts'

t.test("an event's row is removed without a look at what else its tenant has", async (t) => {
  const { pool } = await createFilled(t)
  const client = await pool.connect()
  t.teardown(() => {
    client.release(true)
  })
  // As ri_triggers.c asks it, by the plan that PostgreSQL comes to keep.
  const asked = `SELECT FROM ONLY public.bookings
    WHERE $1::int OPERATOR(pg_catalog.=) event_id AND $2::varchar::text OPERATOR(pg_catalog.=) tenant_id::text`
  await client.query('SET plan_cache_mode = force_generic_plan')
  await client.query('SET enable_seqscan = off')
  await client.query(`PREPARE asked AS ${asked}`)
  const planOf = async (): Promise<string> => {
    const { rows } = await client.query({ text: `EXPLAIN EXECUTE asked(1, 'a')`, rowMode: 'array' })
    return rows.flat().join('\n')
  }
  t.match(await planOf(), /bookings_event_id_user_id_key/)
  t.notMatch(await planOf(), /tenant_id_id/)
  // The control: an index in the database's order would be looked into.
  await pool.query('CREATE INDEX plain_tenant_id_id ON bookings (tenant_id, id)')
  t.match(await planOf(), /plain_tenant_id_id/)
})
