import t from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { recordLog } from '../helpers/log.ts'
import { createEvent, crowd, seatsOf } from '../helpers/race.ts'
import { REFUSED, reserve, storm } from '../helpers/storm.ts'

const USERS = 300

const BROKEN = 'Internal server error'

// Levels of pino.
const WARN = 40
const ERROR = 50

// The promise: data that PostgreSQL does not take fails alone. Whoever shares the batch with it
// gets his seat as if it were not there. What the client can't have caused is a 500.
t.test('culprits in the crowd fail alone, everybody else is booked', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database })
  const { pool } = database
  await pool.query(`
    CREATE FUNCTION refuse_culprits() RETURNS TRIGGER LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.user_id LIKE 'raises %' THEN RAISE EXCEPTION 'not him'; END IF;
      IF NEW.user_id LIKE 'divides %' THEN PERFORM 1 / 0; END IF;
      IF NEW.user_id LIKE 'asks %' THEN
        RAISE EXCEPTION 'not him' USING ERRCODE = 'feature_not_supported';
      END IF;
      IF NEW.user_id LIKE 'violates %' THEN
        RAISE EXCEPTION 'not him' USING ERRCODE = 'check_violation';
      END IF;
      RETURN NEW;
    END $$`)
  await pool.query(
    `CREATE TRIGGER a_rule_of_their_own BEFORE INSERT ON bookings
     FOR EACH ROW EXECUTE FUNCTION refuse_culprits()`,
  )
  const events = await Promise.all([1, 2, 3].map(() => createEvent(pool, USERS)))
  const names = ['raises', 'divides', 'asks', 'violates']
  const FATES: Record<string, [status: number, error: string]> = {
    raises: [409, REFUSED],
    divides: [500, BROKEN],
    asks: [500, BROKEN],
    violates: [409, REFUSED],
  }
  const attempts = Array.from({ length: USERS }, (_, i) => ({
    eventId: events[i % events.length] ?? 0,
    userId: `${i % 25 === 0 ? names[(i / 25) % names.length] : 'user'} ${i}`,
  }))
  const answers = await storm(app, attempts)
  const culprits = answers.filter(({ userId }) => !userId.startsWith('user'))
  const rest = answers.filter(({ userId }) => userId.startsWith('user'))
  t.equal(culprits.length, USERS / 25)
  for (const { userId, status, error } of culprits) {
    t.same([status, error], FATES[userId.split(' ', 1).join()], userId)
  }
  t.same(
    rest.filter(({ status }) => status !== 201),
    [],
    'all others are booked',
  )
  let booked = 0
  for (const eventId of events) booked += (await seatsOf(pool, eventId)).rows
  t.equal(booked, rest.length)
})

t.test('data that PostgreSQL refuses is a warning that tells the cause', async (t) => {
  const { app, database, lines } = await recordLog(t)
  const { pool } = database
  const eventId = await createEvent(pool, 5)
  await pool.query(`ALTER TABLE bookings ADD CONSTRAINT no_eve CHECK (user_id <> 'eve')`)
  t.match(await reserve(app, { eventId, userId: 'eve' }), { status: 409, error: REFUSED })
  const [warning] = lines().filter(({ level }) => level === WARN)
  t.match(warning, { status: 409, code: 'data_refused' })
  t.match(JSON.stringify(warning), /23514/)
  t.match(JSON.stringify(warning), /no_eve/)
  t.notOk(lines().some(({ level }) => level === ERROR))
})

// The promise: an exhausted sequence is no mistake of the client's. It is told to the operator, and
// whoever needs no id of it is served: the batch is halved, at two transactions a request at most.
t.test(
  'an exhausted sequence is a 500 with its cause in the log, until it is mended',
  async (t) => {
    const { app, proxy, database, lines } = await recordLog(t)
    const { pool } = database
    const eventId = await createEvent(pool, 1000)
    const hold = await app.inject({
      method: 'POST',
      url: '/api/bookings/reserve',
      payload: { event_id: eventId, user_id: 'first', hold: true },
    })
    t.equal(hold.statusCode, 201)
    await pool.query(`SELECT setval('bookings_id_seq', 5)`)
    await pool.query('ALTER SEQUENCE bookings_id_seq MAXVALUE 5')

    let transactions = 0
    proxy.judge = (sql) => {
      if (/FOR UPDATE/.test(sql)) transactions += 1
      return 'pass'
    }
    const attempts = crowd(eventId, 100)
    const refused = storm(app, attempts)
    const confirmed = await app.inject({ method: 'POST', url: '/api/bookings/1/confirm' })
    t.equal(confirmed.statusCode, 200, 'a hold is confirmed meanwhile')
    for (const { userId, status, error } of await refused) {
      t.same([status, error], [500, BROKEN], userId)
    }
    t.ok(transactions <= 2 * (attempts.length + 1), `${transactions} transactions`)
    const errors = lines().filter(({ level }) => level === ERROR)
    t.equal(errors.length, attempts.length)
    const texts = errors.map((line) => JSON.stringify(line))
    t.ok(texts.every((line) => line.includes('2200H') && line.includes('bookings_id_seq')))

    await pool.query('ALTER SEQUENCE bookings_id_seq NO MAXVALUE')
    const after = await storm(app, attempts)
    t.same(new Set(after.map(({ status }) => status)), new Set([201]), 'then all are booked')
  },
)

t.test('a sequence that lags behind its table is a 500 too', async (t) => {
  const { app, database, lines } = await recordLog(t)
  const { pool } = database
  const eventId = await createEvent(pool, 5)
  t.match(await reserve(app, { eventId, userId: 'ann' }), { status: 201 })
  await pool.query('ALTER SEQUENCE bookings_id_seq RESTART')
  t.match(await reserve(app, { eventId, userId: 'bob' }), { status: 500, error: BROKEN })
  const [error] = lines().filter(({ level }) => level === ERROR)
  t.match(JSON.stringify(error), /bookings_pkey/)
  t.match(await reserve(app, { eventId, userId: 'bob' }), { status: 201 }, 'it has caught up')
})
