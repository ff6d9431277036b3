import type pg from 'pg'
import t, { type Test } from 'tap'
import { createApi, type Api, type ApiAnswer } from '../helpers/api.ts'
import { createTestDatabase } from '../helpers/database.ts'

const TABLES = [
  ...['events', 'bookings', 'waitlist_entries', 'expired_holds', 'event_history'],
  ...['idempotency_keys', 'event_listings', 'waitlist_blocks'],
]

/** What a schema change may do to a table under a running service, and leave its meaning as it is. */
const TYPES: [table: string, column: string, type: string][] = [
  ['events', 'name', 'text'],
  ['events', 'waitlist_promotes_to', 'text'],
  ['events', 'starts_at', 'timestamptz(3)'],
  ['events', 'sales_end_at', 'timestamptz(3)'],
  ['event_listings', 'name', 'text'],
  ['event_listings', 'starts_at', 'timestamptz(3)'],
  ['bookings', 'user_id', 'text'],
  ['bookings', 'status', 'text'],
  ['bookings', 'created_at', 'timestamptz(3)'],
  ['bookings', 'expires_at', 'timestamptz(3)'],
  ['waitlist_entries', 'user_id', 'text'],
  ['waitlist_entries', 'created_at', 'timestamptz(3)'],
  ['waitlist_blocks', 'size', 'integer'],
  ['waitlist_blocks', 'entries', 'bigint'],
  ['expired_holds', 'expired_at', 'timestamptz(3)'],
  ['event_history', 'at', 'timestamptz(3)'],
  ['idempotency_keys', 'key', 'text'],
  ['idempotency_keys', 'fingerprint', 'text'],
]

const CONCURRENCY = 6

/** Every route, so that each statement has been prepared on the connections; the statuses. */
async function tour({ ask, reserve, expire }: Api, name: string): Promise<number[]> {
  const statuses: number[] = []
  const note = async (asked: Promise<ApiAnswer>): Promise<ApiAnswer['body']> => {
    const { status, body } = await asked
    statuses.push(status)
    return body
  }
  const key = (what: string) => ({ 'idempotency-key': `${name}-${what}`.replace(/[^\w]/g, '-') })
  const settings = { name, total_seats: 4, max_seats_per_booking: 3, metadata: { a: [1] } }
  const { id } = await note(ask('POST', '/events', settings, key('create')))
  await note(ask('POST', '/events', settings, key('create')))
  const held = await note(reserve(id, 'ann', { hold: true, seats: 2 }))
  const booking = `/bookings/${held.booking?.id}`
  await note(reserve(id, 'ben'))
  const expiring = await note(reserve(id, 'fay', { hold: true }))
  const waiting = await note(reserve(id, 'dan', { waitlist: true, seats: 3 }))
  await note(reserve(id, 'late'))
  // The event has refused lately: answered by a plain read.
  await note(reserve(id, 'later'))
  await note(ask('GET', booking))
  await note(ask('GET', `/bookings?event_id=${id}`))
  await note(ask('GET', `/events/${id}`))
  await note(ask('GET', '/events?sort=starts_at&limit=5'))
  await note(ask('GET', `/events?name=${encodeURIComponent(name)}&limit=1`))
  await note(ask('GET', `/events/${id}/waitlist`))
  await note(ask('GET', `/events/${id}/history`))
  await note(ask('POST', `${booking}/extend`))
  await note(ask('POST', `${booking}/confirm`, undefined, key('confirm')))
  await note(ask('PATCH', booking, { seats: 1 }))
  await expire(expiring.booking?.id)
  await note(ask('POST', `/bookings/${expiring.booking?.id}/confirm`))
  await note(ask('DELETE', `/waitlist/${waiting.waitlist_entry?.id}`))
  await note(ask('PATCH', `/events/${id}`, { total_seats: 9, starts_at: '2030-01-01T00:00:00Z' }))
  await note(ask('DELETE', booking))
  await note(ask('DELETE', `/events/${id}?force=true`))
  return statuses
}

const EXPECTED = [
  ...[201, 201, 201, 201, 201, 202, 409, 409],
  ...[200, 200, 200, 200, 200, 200, 200],
  ...[200, 200, 200, 410, 204, 200, 204, 204],
]

/** Tours side by side, so that the connections of both pools have prepared what there is. */
async function tours(t: Test, api: Api, name: string): Promise<void> {
  const all = await Promise.all(
    Array.from({ length: CONCURRENCY }, (_, i) => tour(api, `${name} ${i}`)),
  )
  t.same(
    all,
    all.map(() => EXPECTED),
    `after: ${name}`,
  )
}

/** In one transaction. PostgreSQL refuses it where a trigger names the column: that is made anew. */
async function alterType(
  pool: pg.Pool,
  table: string,
  column: string,
  type: string,
): Promise<void> {
  const { rows } = await pool.query<{ name: string; definition: string }>(
    `SELECT tgname AS name, pg_get_triggerdef(t.oid) AS definition
     FROM pg_trigger t JOIN pg_attribute a ON a.attrelid = tgrelid AND a.attnum = ANY (tgattr)
     WHERE tgrelid = $1::regclass AND attname = $2 AND NOT tgisinternal`,
    [table, column],
  )
  const statements = [
    ...rows.map(({ name }) => `DROP TRIGGER ${name} ON ${table}`),
    `ALTER TABLE ${table} ALTER COLUMN ${column} TYPE ${type}`,
    ...rows.map(({ definition }) => definition),
  ]
  await pool.query(statements.join('; '))
}

t.test('columns are added while the service runs', async (t) => {
  const database = await createTestDatabase(t)
  const api = await createApi(t, {}, database)
  await tours(t, api, 'nothing')
  for (const table of TABLES) {
    await database.pool.query(`ALTER TABLE ${table} ADD COLUMN more int`)
    await tours(t, api, `ALTER TABLE ${table}`)
  }
})

t.test('columns get other types while the service runs', async (t) => {
  const database = await createTestDatabase(t)
  const api = await createApi(t, {}, database)
  await tours(t, api, 'nothing')
  for (const [table, column, type] of TYPES) {
    await alterType(database.pool, table, column, type)
    await tours(t, api, `${table}.${column} is ${type}`)
  }
})
