import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { recordLog } from '../helpers/log.ts'
import { killService } from '../helpers/sessions.ts'
import { databaseUrl, execute } from '../helpers/sql.ts'
import { until } from '../helpers/until.ts'

/** Sets it for the sessions of a database that begin from now on. */
async function setReplicationRole(url: string, role: string): Promise<void> {
  const name = new URL(url).pathname.slice(1)
  await execute(
    databaseUrl(url, 'postgres'),
    `ALTER DATABASE ${name} SET session_replication_role = ${role}`,
  )
}

t.test('without triggers nothing is booked, and with them again the service goes on', async (t) => {
  for (const pgbouncer of [false, true]) {
    const database = await createTestDatabase(t)
    const url = new URL(database.url)
    if (pgbouncer) url.searchParams.set('pgbouncer', 'true')
    const given = { ...database, url: url.href }
    const { app, ask, createEvent, reserve } = await createApi(t, {}, given)
    const eventId = await createEvent({ total_seats: 2 })
    await setReplicationRole(database.url, 'replica')
    await killService(database.pool)

    const refused = await Promise.all(
      ['ann', 'ben', 'cem', 'dan', 'eve'].map((user) => reserve(eventId, user)),
    )
    for (const { status, headers, body } of refused) {
      t.equal(status, 503)
      t.ok(headers['retry-after'])
      t.same(body, { error: 'The database is unavailable; try again later' })
    }
    t.equal((await ask('POST', '/events', { name: 'x', total_seats: 1 })).status, 503)
    t.equal((await app.inject('/readyz')).statusCode, 503)
    const read = await until(async () => {
      const answer = await ask('GET', `/events/${eventId}`)
      return answer.status === 200 && answer
    }, 'a read')
    t.match(read.body, { available_seats: 2 }, 'reads go on, and nothing is booked')

    // The triggers fire in sessions of this kind as in any other.
    await setReplicationRole(database.url, 'local')
    const all = []
    for (const user of ['ann', 'ben', 'cem']) all.push((await reserve(eventId, user)).status)
    t.same(all, [201, 201, 409])
    t.equal((await app.inject('/readyz')).statusCode, 200)
  }
})

t.test('the log says why the service is not ready', async (t) => {
  const { app, database, text } = await recordLog(t)
  await setReplicationRole(database.url, 'replica')
  await killService(database.pool)
  const reason = 'not ready: session_replication_role is replica: no trigger would count the seats'
  await until(async () => {
    t.equal((await app.inject('/readyz')).statusCode, 503)
    return text().includes(reason)
  }, 'the reason')
  await setReplicationRole(database.url, 'origin')
  t.equal((await app.inject('/readyz')).statusCode, 200)
  t.match(text(), 'ready: the database answers and is migrated')
})
