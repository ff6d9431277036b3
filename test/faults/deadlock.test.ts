import t from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startProxy, type Verdict } from '../helpers/proxy.ts'
import { createEvent, seatsOf } from '../helpers/race.ts'
import { openSession, untilRow } from '../helpers/sessions.ts'
import { BUSY, checkPromises, reserve, storm } from '../helpers/storm.ts'

// The promise: what PostgreSQL undoes for the sake of another transaction is tried again, a few
// times. Among themselves the service's transactions cannot deadlock: a batch of several events
// waits for no row (SKIP LOCKED), and one that waits wants a single event. With somebody who
// inserts a booking by hand they can: he has the index entry and wants the event's row, the
// service has the row and wants the entry.

t.test('a deadlock with a session that books by hand is survived by both', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const proxy = await startProxy(t, database.url)
  const app = await createTestApp(t, { database: { ...database, url: proxy.url } })
  const eventId = await createEvent(pool, 10)
  const session = await openSession(t, database)
  let writes = 0
  let byHand: Promise<unknown> = Promise.resolve()
  proxy.judge = async (sql): Promise<Verdict> => {
    if (!/INSERT INTO bookings/.test(sql) || writes++ > 0) return 'pass'
    // The service holds the event's row by now. Its write is let through when the session waits
    // for that row, and has found no deadlock yet: then it is the service that will find it.
    byHand = session
      .query('INSERT INTO bookings (event_id, user_id) VALUES ($1, $2)', [eventId, 'ann'])
      .then(() => session.query('COMMIT'))
    await untilRow(
      pool,
      `SELECT FROM pg_stat_activity
       WHERE pid = $1 AND cardinality(pg_blocking_pids(pid)) > 0
         AND clock_timestamp() - query_start > 1.5 * current_setting('deadlock_timeout')::interval`,
      [session.pid],
    )
    return 'pass'
  }
  const users = ['ann', 'bob', 'cid']
  const answers = await storm(
    app,
    users.map((userId) => ({ eventId, userId })),
  )
  await byHand
  const { rows } = await pool.query<{ deadlocks: number }>(
    'SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()',
  )
  t.comment(`PostgreSQL has counted ${rows[0]?.deadlocks ?? 0} deadlocks so far`)
  t.ok(writes >= 2, 'the batch was undone, and tried again')
  const statusOf = (user: string) => answers.find(({ userId }) => userId === user)?.status
  t.same(users.map(statusOf), [409, 201, 201], 'who was booked by hand is booked already')
  t.same(await seatsOf(pool, eventId), { rows: 3, users: 3, taken: 3 })
})

t.test('the tries are bounded', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const proxy = await startProxy(t, database.url)
  const app = await createTestApp(t, { database: { ...database, url: proxy.url } })
  const eventId = await createEvent(pool, 10)
  await pool.query(`
    CREATE FUNCTION never_serializable() RETURNS TRIGGER LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'could not serialize' USING ERRCODE = 'serialization_failure';
    END $$`)
  await pool.query(
    `CREATE TRIGGER never BEFORE INSERT ON bookings
     FOR EACH STATEMENT EXECUTE FUNCTION never_serializable()`,
  )
  let tries = 0
  proxy.judge = (sql) => {
    if (/INSERT INTO bookings/.test(sql)) tries += 1
    return 'pass'
  }
  const answer = await reserve(app, { eventId, userId: 'ann' })
  t.match(answer, { status: 503, error: BUSY })
  t.equal(tries, 3)
  await checkPromises(t, pool, [answer])
})

t.test('two services and a session lock the same events in contrary orders', async (t) => {
  const database = await createTestDatabase(t)
  const environment = { MAX_BATCH_SIZE: '20' }
  const apps = await Promise.all([1, 2].map(() => createTestApp(t, { database, environment })))
  const events = await Promise.all(Array.from({ length: 8 }, () => createEvent(database.pool, 100)))
  const session = await openSession(t, database)
  const locking = (async () => {
    for (let round = 0; round < 10; round += 1) {
      for (const eventId of [...events].reverse()) {
        await session.query('SELECT FROM events WHERE id = $1 FOR UPDATE', [eventId])
      }
      await session.query('COMMIT')
      await session.query('BEGIN')
    }
    await session.query('COMMIT')
  })()
  const attempts = Array.from({ length: 800 }, (_, i) => ({
    eventId: events[(i * 5) % events.length] ?? 0,
    userId: `user ${i >> 1}`,
  }))
  const half = Math.ceil(attempts.length / 2)
  const answers = await Promise.all(
    apps.map((app, i) => storm(app, attempts.slice(i * half, (i + 1) * half), 50)),
  )
  await t.resolves(locking, 'the session is never the victim of a deadlock')
  await checkPromises(t, database.pool, answers.flat())
  t.notOk(
    answers.flat().some(({ status }) => status === 503),
    'nobody was turned away',
  )
})
