import t, { type Test } from 'tap'
import { createApi } from '../helpers/api.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { killService } from '../helpers/sessions.ts'
import { databaseUrl, execute } from '../helpers/sql.ts'

const POOL_SIZE = 10

/** A service whose database can be made one that only reads, for sessions that begin then. */
async function setUp(t: Test) {
  const database = await createTestDatabase(t)
  const api = await createApi(t, { DATABASE_POOL_SIZE: `${POOL_SIZE}` }, database)
  const name = new URL(database.url).pathname.slice(1)
  return {
    ...api,
    database,
    onlyRead: (value: 'on' | 'off') =>
      execute(
        databaseUrl(database.url, 'postgres'),
        `ALTER DATABASE ${name} SET default_transaction_read_only = ${value}`,
      ),
    readiness: async () => (await api.app.inject('/readyz')).statusCode,
    /** Opens as many sessions as the pool for commands may have. */
    fillPool: () =>
      Promise.all(
        Array.from(
          { length: POOL_SIZE },
          () => api.app.prisma.$queryRaw`SELECT FROM pg_sleep(0.2)`,
        ),
      ),
  }
}

t.test('a server that only reads is not ready, and then the first write works', async (t) => {
  const { ask, reserve, createEvent, database, onlyRead, readiness, fillPool } = await setUp(t)
  const eventId = await createEvent({ total_seats: 100 })
  t.equal(await readiness(), 200)

  await onlyRead('on')
  await killService(database.pool)
  t.equal(await readiness(), 503)
  const refused = await Promise.all(
    Array.from({ length: 40 }, (_, i) => reserve(eventId, `early ${i}`)),
  )
  t.ok(
    refused.every(({ status }) => status === 503),
    'nothing is booked',
  )
  t.ok(refused.every(({ headers }) => headers['retry-after'] !== undefined))
  t.same(refused[0]?.body, { error: 'The database is unavailable; try again later' })
  t.equal((await ask('GET', `/events/${eventId}`)).status, 200, 'reads go on')
  t.equal((await ask('DELETE', '/bookings/1')).status, 404, 'look-ups on the same pool too')
  t.equal(await readiness(), 503)

  // Sessions that have met nothing yet, and will only read as long as they live.
  await fillPool()
  await onlyRead('off')
  t.equal((await reserve(eventId, 'late')).status, 201, 'it takes all of them with it')
  t.equal(await readiness(), 200)
})

t.test('a service that nobody asks for anything gets ready by itself', async (t) => {
  const { onlyRead, readiness, database, reserve, createEvent, fillPool } = await setUp(t)
  await onlyRead('on')
  await killService(database.pool)
  await fillPool()
  await onlyRead('off')
  t.equal(await readiness(), 503, 'asked on a session of before')
  t.equal(await readiness(), 200)
  t.equal((await reserve(await createEvent(), 'ann')).status, 201)
})
