import t from 'tap'
import { loggedError } from '../../src/http/logging/logged-error.ts'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'

const ANN = 'ann-whom-nobody-may-know'

const RAISE = (using: string) =>
  `CREATE FUNCTION f(who text) RETURNS void LANGUAGE plpgsql AS
   $$ BEGIN RAISE EXCEPTION 'user % may not', who ${using}; END $$`

/** Statements whose error repeats the value, and what has to be there for them. */
const STATEMENTS: readonly (readonly [sql: string, value: string, before?: string])[] = [
  ['SELECT $1::text::int', ANN],
  ['SELECT $1::text::int', `"${ANN}" and "so on"`],
  ['SELECT $1::text::int', `a\n    at ${ANN}`],
  ['SELECT $1::text::uuid', ANN],
  ['SELECT $1::text::boolean', ANN],
  ['SELECT $1::text::bit(3)', 'ß'],
  ['SELECT $1::text::int[]', ANN],
  ['SELECT $1::text::int4range', ANN],
  ['SELECT $1::text::timestamptz', ANN],
  ['SELECT $1::text::timestamptz', '2026-99-98'],
  ['SELECT $1::text::timestamptz', '2026-01-01T00:00:00+98:07'],
  ['SELECT $1::text::int', '98765432109'],
  ['SELECT $1::text::mood', ANN, `CREATE TYPE mood AS ENUM ('glad')`],
  ['SELECT f($1)', ANN, RAISE('')],
  ['SELECT f($1)', ANN, RAISE(`USING ERRCODE = '23514'`)],
  ['SELECT f($1)', ANN, RAISE(`USING ERRCODE = '0A000'`)],
  ['SELECT f($1)', ANN, RAISE(`USING ERRCODE = 'AB123'`)],
]

t.test('no value is logged of what PostgreSQL refuses', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database })
  for (const [sql, value, before] of STATEMENTS) {
    await database.pool.query(`DROP FUNCTION IF EXISTS f; ${before ?? ''}`)
    for (const ask of [
      () => database.pool.query(sql, [value]),
      () => app.prisma.$queryRawUnsafe(sql, value),
    ]) {
      const error: unknown = await ask().catch((reason: unknown) => reason)
      if (!(error instanceof Error)) throw new TypeError(`${sql} of ${value} is not refused`)
      t.ok(error.message.includes(value), `${sql} repeats it`)
      const logged = loggedError(new Error('outer', { cause: error }))
      t.notOk(JSON.stringify(logged).includes(JSON.stringify(value).slice(1, -1)), logged.message)
      t.notMatch(logged.stack, ANN)
      t.match(logged.code, /^[0-9A-Z]{5}$/)
      t.match(logged, { message: /^outer: PostgreSQL refused it with/, stack: /\n {4}at / })
    }
  }
})

t.test('what tells of the server is logged, without what is quoted', (t) => {
  for (const [code, text, logged] of [
    ['42501', 'permission denied for table bookings', 'permission denied for table bookings'],
    ['42P01', 'relation "bookings" does not exist', 'relation "…" does not exist'],
    ['42P01', 'Relation »bookings« existiert nicht', 'Relation "…" existiert nicht'],
    [
      '53100',
      'could not extend file "base/1/2": No space left on device',
      'could not extend file "…": No space left on device',
    ],
  ] as const) {
    const error = Object.assign(new Error(text), { code, severity: 'ERROR', routine: 'r' })
    const message = `PostgreSQL refused it with ${code}: ${logged}`
    t.match(loggedError(error), { message, code, routine: 'r' })
    t.ok(loggedError(error).stack.startsWith(`Error: ${message}\n    at `))
  }
  t.end()
})

t.test('the constraint that a row breaks is named', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database })
  await database.pool.query(`INSERT INTO events (name, total_seats) VALUES ('Concert', 9)`)
  for (const [constraint, rule] of [
    ['no_ann', `ALTER TABLE bookings ADD CONSTRAINT no_ann CHECK (user_id NOT LIKE 'ann%')`],
    [
      'of_users',
      `CREATE TABLE users (id varchar(255) PRIMARY KEY);
      ALTER TABLE bookings DROP CONSTRAINT no_ann,
        ADD CONSTRAINT of_users FOREIGN KEY (user_id) REFERENCES users`,
    ],
  ] as const) {
    await database.pool.query(rule)
    const insert = `INSERT INTO bookings (event_id, user_id) VALUES (1, '${ANN}')`
    for (const ask of [
      () => database.pool.query(insert),
      () => app.prisma.$executeRawUnsafe(insert),
    ]) {
      const error: unknown = await ask().catch((reason: unknown) => reason)
      t.match(loggedError(error), { code: /^23/, constraint })
      t.notMatch(JSON.stringify(loggedError(error)), ANN)
    }
  }
})

t.test('other errors are logged with their causes', (t) => {
  const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', host: 'x' })
  const logged = loggedError(new TypeError('no answer', { cause }))
  t.match(logged, { type: 'TypeError', message: 'no answer: refused', code: 'ECONNREFUSED' })
  t.match(logged.stack, /^TypeError: no answer\n[^]*\ncaused by: Error: refused\n {4}at /)
  t.strictSame(Object.keys(logged), ['type', 'message', 'stack', 'code'])
  t.strictSame(loggedError('text'), { type: 'string', message: '', stack: '' })
  t.end()
})
