import t from 'tap'
import { classifyFailure } from '../../src/store/failure.ts'
import { waitForLocks } from '../../src/store/wait-for-locks.ts'
import { asked } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { createEvent } from '../helpers/race.ts'
import { lockEvent, untilBlocked } from '../helpers/sessions.ts'

const LONGER_THAN_ANY_TEST_MS = 60_000

t.test('the statement that waits sets how long it waits', async (t) => {
  const database = await createTestDatabase(t)
  const { prisma } = startEngine(t, database.url)
  const eventId = await createEvent(database.pool, 1)
  await lockEvent(t, database, eventId)
  const failing = prisma.$transaction(async (tx) => {
    // Otherwise it would wait until the transaction is given up.
    await tx.$executeRaw`SELECT set_config('lock_timeout', '0', true)`
    await waitForLocks(tx, asked(eventId), 10)
  })
  t.equal(await failing.catch(classifyFailure), 'lock_timeout')
})

t.test('it waits longer than the session does', async (t) => {
  const database = await createTestDatabase(t)
  const { prisma } = startEngine(t, database.url)
  const eventId = await createEvent(database.pool, 1)
  const holder = await lockEvent(t, database, eventId)
  const locked = await prisma.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT set_config('lock_timeout', '1', true)`
    const waiting = waitForLocks(tx, asked(eventId, 2_000_000_000), LONGER_THAN_ANY_TEST_MS)
    await untilBlocked(database.pool, holder)
    // Many times as long as the session would have waited.
    await database.pool.query('SELECT pg_sleep(0.05)')
    await holder.query('COMMIT')
    return waiting
  })
  t.same(locked, asked(eventId), 'an event that is not there is not waited for')
})
