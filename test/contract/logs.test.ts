import t from 'tap'
import { recordLog } from '../helpers/log.ts'

const ANN = 'ann-whom-nobody-may-know'
const JSON_TYPE = { 'content-type': 'application/json' }

t.test('the log names paths, but no query and no user', async (t) => {
  const { app, database, text, lines } = await recordLog(t)
  await database.pool.query(`INSERT INTO events (name, total_seats) VALUES ('Concert', 9)`)
  const reserve = (members: object) =>
    app.inject({
      method: 'POST',
      url: '/api/bookings/reserve',
      payload: { event_id: 1, user_id: ANN, ...members },
    })

  t.equal((await app.inject(`/api/bookings?user_id=${ANN}`)).statusCode, 200)
  t.match(lines().at(-1), { url: '/api/bookings', status: 200 })
  await app.inject(`/api/events/1/waitlist?user_id=${ANN}`)
  await app.inject(`/api/bookings?user_id=${ANN}&limit=0`)
  await app.inject(`/nowhere?user_id=${ANN}`)
  await app.inject(`/api/events/${'1'.repeat(300)}?user_id=${ANN}`)
  for (const separator of ['%3F', '#', ';', '%23', '%253F', '&', '=', '@']) {
    await app.inject(`/api/bookings${separator}user_id=${ANN}`)
    t.equal(lines().at(-1)?.url, '/api/bookings', separator)
  }
  await app.inject({ method: 'PUT', url: `/api/bookings?user_id=${ANN}` })
  await app.inject({
    method: 'POST',
    url: '/api/bookings/reserve',
    headers: JSON_TYPE,
    payload: `{"user_id":"${ANN}",`,
  })
  await reserve({ seats: 'many' })
  t.equal((await reserve({})).statusCode, 201)
  t.equal((await reserve({})).statusCode, 409)
  t.notMatch(text(), ANN)
})

t.test('what we do not implement is no failure of ours', async (t) => {
  const { app, lines } = await recordLog(t)
  const headers = { 'transfer-encoding': 'gzip, chunked' }
  t.equal((await app.inject({ method: 'POST', url: '/api/events', headers })).statusCode, 501)
  t.match(lines().at(-1), { level: 30, status: 501, code: 'not_implemented' })
})

t.test('nor does what PostgreSQL says of data that it refuses', async (t) => {
  const rules = {
    CHECK: `ALTER TABLE bookings ADD CHECK (user_id NOT LIKE 'ann%')`,
    UNIQUE: `CREATE UNIQUE INDEX short ON bookings (left(user_id, 5))`,
    'a number': `CREATE FUNCTION f() RETURNS TRIGGER LANGUAGE plpgsql AS
      $$ BEGIN PERFORM NEW.user_id::int; RETURN NEW; END $$;
      CREATE TRIGGER f BEFORE INSERT ON bookings FOR EACH ROW EXECUTE FUNCTION f()`,
    'a date': `CREATE FUNCTION f() RETURNS TRIGGER LANGUAGE plpgsql AS
      $$ BEGIN PERFORM NEW.user_id::date; RETURN NEW; END $$;
      CREATE TRIGGER f BEFORE INSERT ON bookings FOR EACH ROW EXECUTE FUNCTION f()`,
  }
  for (const [name, rule] of Object.entries(rules)) {
    await t.test(name, async (t) => {
      const { app, database, text, lines } = await recordLog(t)
      await database.pool.query(`INSERT INTO events (name, total_seats) VALUES ('Concert', 9)`)
      await database.pool.query(`INSERT INTO bookings (event_id, user_id) VALUES (1, 'ann-w')`)
      await database.pool.query(name === 'CHECK' ? `DELETE FROM bookings` : 'SELECT 1')
      await database.pool.query(rule)
      const { statusCode } = await app.inject({
        method: 'POST',
        url: '/api/bookings/reserve',
        payload: { event_id: 1, user_id: ANN },
      })
      t.equal(statusCode, 409)
      const logged = lines().at(-1)
      t.match(logged, { level: 40, code: 'data_refused', err: { code: /^2/ } })
      t.notMatch(text(), ANN)
    })
  }
})
