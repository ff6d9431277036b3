import { execFile } from 'node:child_process'
import { chown, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type pg from 'pg'
import t, { type Test } from 'tap'
import { createApi, type ApiAnswer } from '../helpers/api.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { dataDirOf, ownRun, readRunState } from '../helpers/run-state.ts'
import { execute } from '../helpers/sql.ts'

const run = promisify(execFile)

/** A disk of the test's own, with a tablespace on it; undefined where none can be mounted. */
async function mountDisk(t: Test) {
  const cluster = join(dataDirOf(await ownRun()), 'cluster')
  const owner = await stat(cluster).catch(() => undefined)
  if (owner === undefined) return undefined // a server of somebody else, perhaps elsewhere
  const dir = await mkdtemp(join(tmpdir(), 'reservation-disk-'))
  t.teardown(() => rm(dir, { recursive: true, force: true }))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir])
  } catch {
    return undefined
  }
  // Sessions of the server keep files open for a while.
  t.teardown(() => run('umount', ['--lazy', dir]))
  const { adminUrl } = await readRunState()
  await chown(dir, owner.uid, owner.gid)
  await execute(adminUrl, `CREATE TABLESPACE tiny LOCATION '${dir}'`)
  t.teardown(() => execute(adminUrl, 'DROP TABLESPACE tiny'))
  return { grow: () => run('mount', ['-o', 'remount,size=64m', dir]) }
}

/** Reserves until that fails. */
async function reserveUntilFull(
  reserve: (eventId: number, userId: string) => Promise<ApiAnswer>,
  eventId: number,
): Promise<{ booked: number; failed: ApiAnswer }> {
  for (let booked = 0; ; booked += 1) {
    const answer = await reserve(eventId, `${'x'.repeat(200)} ${booked}`)
    if (answer.status !== 201) return { booked, failed: answer }
  }
}

async function bookingsIn(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ n: number }>('SELECT count(*)::int AS n FROM bookings')
  return rows[0]?.n ?? 0
}

for (const table of ['bookings', 'event_history']) {
  t.test(`the disk of ${table} is full: not ready, until there is room`, async (t) => {
    const disk = await mountDisk(t)
    if (disk === undefined) {
      t.comment('no disk can be mounted here: see the other test')
      return
    }
    const database = await createTestDatabase(t)
    const { pool } = database
    const { app, ask, reserve, createEvent } = await createApi(t, {}, database)
    const readiness = async () => (await app.inject('/readyz')).statusCode
    const eventId = await createEvent({ total_seats: 1_000_000 })
    await pool.query(`ALTER TABLE ${table} SET TABLESPACE tiny`)
    // 1 MB is full soon.
    await pool.query(`ALTER TABLE ${table} SET (fillfactor = 10)`)
    t.equal(await readiness(), 200)

    const { booked, failed } = await reserveUntilFull(reserve, eventId)
    t.equal(failed.status, 503)
    t.ok(failed.headers['retry-after'])
    t.equal(await readiness(), 503)
    t.equal(await readiness(), 503, 'a probe that fails leaves no room for the next one')
    t.equal((await ask('GET', `/events/${eventId}`)).status, 200, 'reads go on')
    t.equal(await bookingsIn(pool), booked, 'what was promised is there')

    await disk.grow()
    t.equal(await readiness(), 200)
    t.equal(await bookingsIn(pool), booked, 'the probe leaves nothing')
    t.equal((await reserve(eventId, 'late')).status, 201)
  })
}

t.test(
  'writes that are refused for want of room make it unready, until one succeeds',
  async (t) => {
    const database = await createTestDatabase(t)
    const { pool } = database
    const { app, reserve, createEvent } = await createApi(t, {}, database)
    const readiness = async () => (await app.inject('/readyz')).statusCode
    const eventId = await createEvent({ total_seats: 10 })
    // As the server reports it; by its code, as its text depends on its language.
    await pool.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION USING ERRCODE = TG_ARGV[0]; END $$`)
    for (const code of ['53100', '53200', '58030']) {
      await pool.query(
        `CREATE TRIGGER full_disk BEFORE INSERT ON bookings EXECUTE FUNCTION refuse('${code}')`,
      )
      t.equal(await readiness(), 200, 'nobody has written yet')
      t.equal((await reserve(eventId, `user ${code}`)).status, 503)
      t.equal(await readiness(), 503)
      await pool.query('DROP TRIGGER full_disk ON bookings')
      t.equal(await readiness(), 200)
      t.equal((await reserve(eventId, `user ${code}`)).status, 201)
    }
    const { rows } = await pool.query(`
    SELECT (SELECT count(*)::int FROM events) AS events, (SELECT count(*)::int FROM bookings) AS bookings,
      (SELECT count(*)::int FROM idempotency_keys) AS keys,
      (SELECT count(*)::int FROM event_history WHERE event_id < 0) AS history`)
    t.same(rows, [{ events: 1, bookings: 3, keys: 0, history: 0 }], 'probes leave nothing')
  },
)

const RULES = {
  'a foreign key': `
    CREATE TABLE users (id text PRIMARY KEY);
    INSERT INTO users SELECT 'user ' || n FROM generate_series(1, 9) AS n;
    ALTER TABLE bookings ALTER COLUMN user_id TYPE text,
      ADD CONSTRAINT known_user FOREIGN KEY (user_id) REFERENCES users (id)`,
  'a shorter column': 'ALTER TABLE bookings ALTER COLUMN user_id TYPE varchar(10)',
  'a CHECK on events': `ALTER TABLE events ADD CHECK (name <> 'probe')`,
  'a trigger with a mistake': `
    CREATE FUNCTION judge() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN IF NEW.user_id LIKE 'xxx%' THEN PERFORM missing(); END IF; RETURN NEW; END $$;
    CREATE TRIGGER judge BEFORE INSERT ON bookings FOR EACH ROW EXECUTE FUNCTION judge()`,
}

for (const [name, rule] of Object.entries(RULES)) {
  t.test(`${name} that a probe breaks: ready again when there is room`, async (t) => {
    const database = await createTestDatabase(t)
    const { pool } = database
    const { app, reserve, createEvent } = await createApi(t, {}, database)
    const readiness = async () => (await app.inject('/readyz')).statusCode
    const eventId = await createEvent({ total_seats: 10 })
    await pool.query(`${rule};
      CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER full_disk BEFORE INSERT ON event_history EXECUTE FUNCTION fill()`)
    t.equal((await reserve(eventId, 'user 1')).status, 503)
    t.equal(await readiness(), 503, 'the tables that take the probe still tell')
    await pool.query('DROP TRIGGER full_disk ON event_history')
    t.equal(await readiness(), 200)
    t.equal((await reserve(eventId, 'user 1')).status, 201)
  })
}
