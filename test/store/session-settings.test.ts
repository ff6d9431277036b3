import pg from 'pg'
import t, { type Test } from 'tap'
import { prepareSession } from '../../src/store/connections/session.ts'
import { classifyFailure } from '../../src/store/failure.ts'
import { createApi } from '../helpers/api.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { createEvent, crowd, race, seatsOf } from '../helpers/race.ts'
import { databaseUrl, execute } from '../helpers/sql.ts'

/** What somebody may have set for a database or a role, to the harm of who does not expect it. */
const ODD_SETTINGS = {
  datestyle: `'German, DMY'`,
  intervalstyle: 'sql_standard',
  timezone: `'Asia/Kathmandu'`,
  client_encoding: 'LATIN1',
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',
  extra_float_digits: '-15',
  array_nulls: 'off',
  search_path: 'elsewhere',
  bytea_output: 'escape',
  transform_null_equals: 'on',
  quote_all_identifiers: 'on',
  statement_timeout: `'1ms'`,
  lock_timeout: `'1ms'`,
  enable_indexscan: 'off',
  enable_bitmapscan: 'off',
}

async function majorVersion(url: string): Promise<number> {
  const sql = `SELECT current_setting('server_version_num')::int / 10000 AS major`
  const [row] = await execute(url, sql)
  return Number(row?.['major'])
}

/** A database with such settings, and tables in another schema that have the names of ours. */
async function createOddDatabase(t: Test): Promise<TestDatabase> {
  const database = await createTestDatabase(t)
  const name = new URL(database.url).pathname.slice(1)
  await database.pool.query(`
    CREATE SCHEMA elsewhere;
    CREATE TABLE elsewhere.events (id int);
    CREATE TABLE elsewhere.bookings (id int);
    CREATE TABLE elsewhere._prisma_migrations (id int)`)
  const admin = databaseUrl(database.url, 'postgres')
  for (const [setting, value] of Object.entries(ODD_SETTINGS)) {
    await execute(admin, `ALTER DATABASE ${name} SET ${setting} = ${value}`)
  }
  // PostgreSQL 19 takes no other value.
  if ((await majorVersion(admin)) < 19) {
    await execute(admin, `ALTER DATABASE ${name} SET standard_conforming_strings = off`)
  }
  return database
}

t.test('a database with odd defaults is served like any other', async (t) => {
  const database = await createOddDatabase(t)
  const { app, ask, readAll, reserve } = await createApi(t, {}, database)
  t.equal((await app.inject('/readyz')).statusCode, 200)

  const starts_at = '2030-02-03T04:05:06.789Z'
  const metadata = { back: 'a\\b', quote: `'"`, large: 9007199254740991 }
  const made = await ask('POST', '/events', {
    ...{ name: `Ünïcode \\ ' 東`, total_seats: 5, starts_at, metadata, max_seats_per_booking: 3 },
  })
  t.equal(made.status, 201)
  const { id } = made.body
  t.match(made.body, { name: `Ünïcode \\ ' 東`, starts_at, metadata })
  t.same((await ask('GET', `/events/${id}`)).body, made.body)

  const held = await reserve(id, 'ann \\ é', { hold: true, seats: 2 })
  t.equal(held.status, 201)
  const hold = held.body.booking
  t.ok(Math.abs(Date.parse(hold.created_at) - Date.now()) < 60_000, hold.created_at)
  t.equal(Date.parse(hold.expires_at) - Date.parse(hold.created_at), 600_000)
  t.same((await ask('GET', `/bookings/${hold.id}`)).body, hold)
  t.same((await ask('GET', `/bookings?user_id=${encodeURIComponent('ann \\ é')}`)).body.bookings, [
    hold,
  ])
  t.equal((await ask('POST', `/bookings/${hold.id}/extend`)).status, 200)
  t.equal((await ask('POST', `/bookings/${hold.id}/confirm`)).status, 200)
  t.equal((await ask('PATCH', `/bookings/${hold.id}`, { seats: 3 })).status, 200)
  t.equal((await reserve(id, 'ben', { seats: 3, waitlist: true })).status, 202)
  t.equal((await ask('GET', `/events/${id}/waitlist`)).body.waitlist.length, 1)
  const pages = await ask('GET', '/events?sort=starts_at&limit=1')
  t.equal(pages.status, 200)
  t.equal((await ask('PATCH', `/events/${id}`, { total_seats: 9 })).status, 200)
  const facts = await readAll(`/events/${id}/history`, 'history', 50)
  t.same(
    facts.map(({ type }) => type),
    [
      ...['event_created', 'held', 'extended', 'confirmed', 'resized', 'waitlisted'],
      ...['capacity_changed', 'promoted'],
    ],
  )
  t.equal((await ask('DELETE', `/events/${id}?force=true`)).status, 204)
})

t.test('pages by their start, and seats in a rush, are right there too', async (t) => {
  const database = await createOddDatabase(t)
  const { ask, readAll, reserve } = await createApi(t, {}, database)
  for (let day = 1; day <= 5; day += 1) {
    const starts_at = `2030-0${day}-1${day}T00:00:00.000Z`
    await ask('POST', '/events', { name: `Event ${day}`, total_seats: 1, starts_at })
  }
  const events = await readAll('/events?sort=starts_at', 'events', 2)
  t.same(
    events.map(({ name }) => name),
    [1, 2, 3, 4, 5].map((day) => `Event ${day}`),
  )
  const eventId = await createEvent(database.pool, 20)
  const seats = async (event: number, user: string) => (await reserve(event, user)).status
  t.same(await race(seats, crowd(eventId, 100)), { 201: 20, 409: 80 })
  t.same(await seatsOf(database.pool, eventId), { rows: 20, users: 20, taken: 20 })
})

t.test('what a database cuts off before our own time limit is set is tried again', async (t) => {
  const { url } = await createOddDatabase(t)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  const settings = { statementTimeoutMs: 30_000, lockTimeoutMs: 1000, isReadOnly: false }
  const cut: unknown[] = []
  // As on a machine where others have their turn in between.
  const slow = (times: number) => ({
    query: async (sql: string) => {
      if (cut.length >= times) return client.query(sql)
      return client.query(`SELECT pg_sleep(0.1); ${sql}`).catch((error: unknown) => {
        cut.push(error)
        throw error
      })
    },
  })
  await t.rejects(prepareSession(slow(Infinity), url, settings), { code: '57014' }, 'not for ever')
  t.ok(cut.length > 2)
  cut.length = 0
  await prepareSession(slow(2), url, settings)
  t.match(cut, [{ code: '57014' }, { code: '57014' }])
  const { rows } = await client.query('SHOW statement_timeout')
  t.same(rows, [{ statement_timeout: '30s' }])
})

t.test('a limit to the time of all transactions is not ours', async (t) => {
  const database = await createTestDatabase(t)
  const admin = databaseUrl(database.url, 'postgres')
  if ((await majorVersion(admin)) < 17) {
    t.comment('this server has no transaction_timeout')
    return
  }
  const name = new URL(database.url).pathname.slice(1)
  await execute(admin, `ALTER DATABASE ${name} SET transaction_timeout = '700ms'`)
  const sleep = 'SELECT 1 AS slept FROM pg_sleep(1.4)'
  const cut: unknown = await execute(database.url, sleep).catch((error: unknown) => error)
  t.match(cut, { code: '25P04' }, 'others have it')
  t.equal(classifyFailure(cut), 'out_of_time')
  const { app } = await createApi(t, {}, database)
  for (const prisma of [app.prisma, app.readPrisma]) {
    t.same(await prisma.$queryRawUnsafe(sleep), [{ slept: 1 }])
  }
})

t.test('behind PgBouncer the service sets only what PgBouncer hands on', async (t) => {
  const database = await createTestDatabase(t)
  const name = new URL(database.url).pathname.slice(1)
  const admin = databaseUrl(database.url, 'postgres')
  await execute(admin, `ALTER DATABASE ${name} SET datestyle = 'German, DMY'`)
  await execute(admin, `ALTER DATABASE ${name} SET timezone = 'Asia/Kathmandu'`)
  await execute(admin, `ALTER DATABASE ${name} SET extra_float_digits = 0`)
  const url = new URL(database.url)
  url.searchParams.set('pgbouncer', 'true')
  const { app, ask } = await createApi(t, {}, { ...database, url: url.href })
  const starts_at = '2030-02-03T04:05:06.789Z'
  const made = await ask('POST', '/events', { name: 'x', total_seats: 5, starts_at })
  t.equal(made.status, 201)
  t.equal((await ask('GET', `/events/${made.body.id}`)).body.starts_at, starts_at)
  const rows = await app.prisma.$queryRaw`SELECT current_setting('extra_float_digits') AS digits`
  t.same(rows, [{ digits: '0' }], 'what would reach the sessions of others is left alone')
})
