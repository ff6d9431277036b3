import t, { type Test } from 'tap'
import { createEventCommand, plainReserve } from '../helpers/commands.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { startEngine, type TestEngine } from '../helpers/engine.ts'
import { eventOf, isKeyReused, isReplayed, refusalOf, underKey } from '../helpers/outcomes.ts'
import { createEvent } from '../helpers/race.ts'
import { shuffle } from '../helpers/random.ts'
import { rewriteStatements } from '../helpers/statements.ts'

const KEYS = Array.from({ length: 400 }, (_, i) => `key-${i}`)
const ENVIRONMENT = { MAX_BATCH_SIZE: '20' }

/**
 * An engine that counts its collisions: transactions that were undone after they had stored keys, as
 * another one had stored one of them meanwhile. Those that only waited too long for a lock of keys,
 * as happens on a slow machine, are none.
 */
function startCounting(t: Test, { url }: TestDatabase, areKeysLocked: boolean) {
  let collisions = 0
  const engine = startEngine(t, url, { environment: ENVIRONMENT })
  engine.pool.on('connect', (client) => {
    let hasStored = false
    rewriteStatements(client, (sql) => {
      if (hasStored && sql === 'ROLLBACK') collisions += 1
      if (/^\s*(BEGIN|COMMIT|ROLLBACK)/.test(sql)) hasStored = false
      hasStored ||= sql.includes('INSERT INTO idempotency_keys')
      return areKeysLocked ? sql : sql.replace('pg_advisory_xact_lock(', 'concat(')
    })
  })
  return { ...engine, collisions: () => collisions }
}

/** Makes an event under each key, in an order of its own; by key. */
async function createUnderKeys({ reservations }: Pick<TestEngine, 'reservations'>) {
  const told = await Promise.all(
    shuffle(KEYS).map(async (key) => {
      const executed = await reservations.execute(createEventCommand(), underKey(key))
      return [key, executed] as const
    }),
  )
  return new Map(told)
}

/** Two processes make events under the same keys at once; how often they collided. */
async function raceForKeys(t: Test, areKeysLocked: boolean): Promise<number> {
  const database = await createTestDatabase(t)
  const engines = [1, 2].map(() => startCounting(t, database, areKeysLocked))
  const told = await Promise.all(engines.map(createUnderKeys))
  const answers = KEYS.map((key) => told.flatMap((ofEngine) => ofEngine.get(key) ?? []))
  t.ok(
    answers.every((both) => both.length === 2),
    'both have an answer',
  )
  t.ok(answers.every((both) => new Set(both.map((each) => eventOf(each).id)).size === 1))
  t.ok(
    answers.every((both) => both.filter(isReplayed).length === 1),
    'one was first',
  )
  const { rows } = await database.pool.query('SELECT count(*)::int AS n FROM events')
  t.same(rows, [{ n: KEYS.length }], 'each took effect once')
  return engines.reduce((sum, { collisions }) => sum + collisions(), 0)
}

t.test('two processes at once under the same keys: both get the answer', async (t) => {
  t.equal(await raceForKeys(t, true), 0, 'no work is undone')
})

t.test('without locks of the keys they collide, and still get it', async (t) => {
  t.ok((await raceForKeys(t, false)) > 0)
})

t.test('keys that are used for different events collide, and one is told so', async (t) => {
  const database = await createTestDatabase(t)
  const engines = [1, 2].map(() => startCounting(t, database, true))
  const events = await Promise.all(engines.map(() => createEvent(database.pool, KEYS.length)))
  const told = await Promise.all(
    engines.map(({ reservations }, i) =>
      Promise.all(
        KEYS.map((key) =>
          reservations.execute(plainReserve(events[i] ?? 0, key), underKey(key, `event ${i}`)),
        ),
      ),
    ),
  )
  KEYS.forEach((_, i) => {
    const both = told.flatMap((ofEngine) => ofEngine[i] ?? [])
    t.equal(both.filter(isKeyReused).length, 1)
    t.equal(both.filter((each) => refusalOf(each) === undefined).length, 1)
  })
  const { rows } = await database.pool.query('SELECT count(*)::int AS n FROM bookings')
  t.same(rows, [{ n: KEYS.length }])
})
