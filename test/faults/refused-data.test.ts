import t from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { createEvent, seatsOf } from '../helpers/race.ts'
import { REFUSED, storm } from '../helpers/storm.ts'

const USERS = 300

// The promise: data that PostgreSQL does not take fails alone. Whoever shares the batch with it
// gets his seat as if it were not there.
t.test('culprits in the crowd are refused, everybody else is booked', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database })
  const { pool } = database
  await pool.query(`
    CREATE FUNCTION refuse_culprits() RETURNS TRIGGER LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.user_id LIKE 'raises %' THEN RAISE EXCEPTION 'not him'; END IF;
      IF NEW.user_id LIKE 'divides %' THEN PERFORM 1 / 0; END IF;
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
  const names = ['raises', 'divides', 'violates']
  const attempts = Array.from({ length: USERS }, (_, i) => ({
    eventId: events[i % events.length] ?? 0,
    userId: `${i % 25 === 0 ? names[(i / 25) % names.length] : 'user'} ${i}`,
  }))
  const answers = await storm(app, attempts)
  const culprits = answers.filter(({ userId }) => !userId.startsWith('user'))
  const rest = answers.filter(({ userId }) => userId.startsWith('user'))
  t.equal(culprits.length, USERS / 25)
  for (const { userId, status, error } of culprits) {
    t.same([status, error], [409, REFUSED], userId)
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
