import t, { type Test } from 'tap'
import { runBatch } from '../../src/engine/batch.ts'
import { inTransaction, TransactionFailure } from '../../src/engine/transaction.ts'
import { runSafely } from '../../src/engine/retry.ts'
import { CommitLostError } from '../../src/store/connections/joined-query.ts'
import { SeatsAtHand } from '../../src/store/seats-at-hand.ts'
import { createTestApp, testConfig } from '../helpers/app.ts'
import { plainReserve } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { refusalOf } from '../helpers/outcomes.ts'
import { startProxy, type Verdict } from '../helpers/proxy.ts'
import { createEvent, seatsOf } from '../helpers/race.ts'
import { reserve, UNKNOWN } from '../helpers/storm.ts'

// The promise: a commit whose answer is lost is a 503 that says so. It is never repeated blindly,
// so that it is never booked twice, and nobody is told that he himself was there before him.

/** A service whose COMMITs, the first `times` of them, have the verdict. */
async function createBroken(t: Test, verdict: Verdict, times: number) {
  const { url, pool } = await createTestDatabase(t)
  const proxy = await startProxy(t, url)
  let commits = 0
  proxy.judge = (sql) => (/^COMMIT/.test(sql) && commits++ < times ? verdict : 'pass')
  const eventId = await createEvent(pool, 3)
  return { url: proxy.url, pool, eventId, commits: () => commits }
}

t.test('the answer to COMMIT is lost: 503, booked once', async (t) => {
  const { url, pool, eventId, commits } = await createBroken(t, 'cut_after', 1)
  const app = await createTestApp(t, { database: { url, pool } })
  const first = await reserve(app, { eventId, userId: 'ann' })
  t.match(first, { status: 503, error: UNKNOWN, retryAfter: /^[1-9]\d*$/ })
  t.equal(commits(), 1, 'it was not tried again')
  t.same(await seatsOf(pool, eventId), { rows: 1, users: 1, taken: 1 })
  const second = await reserve(app, { eventId, userId: 'ann' })
  t.match(second, { status: 409, error: 'User already booked for this event' })
  t.same(await seatsOf(pool, eventId), { rows: 1, users: 1, taken: 1 })
})

t.test('COMMIT itself is lost: 503, not booked, and booked when repeated', async (t) => {
  const { url, pool, eventId, commits } = await createBroken(t, 'cut_before', 1)
  const app = await createTestApp(t, { database: { url, pool } })
  const first = await reserve(app, { eventId, userId: 'ann' })
  t.match(first, { status: 503, error: UNKNOWN, retryAfter: /^[1-9]\d*$/ })
  t.equal(commits(), 1, 'it was not tried again')
  t.same(await seatsOf(pool, eventId), { rows: 0, users: 0, taken: 0 })
  const second = await reserve(app, { eventId, userId: 'ann' })
  t.equal(second.status, 201)
  t.same(await seatsOf(pool, eventId), { rows: 1, users: 1, taken: 1 })
})

t.test('control: repeated blindly, it tells lies', async (t) => {
  const { url, pool, eventId } = await createBroken(t, 'cut_after', 1)
  const { prisma } = startEngine(t, url)
  const { database, groupCommit } = testConfig(url)
  const bounds = { ...database, ...groupCommit }
  const [result] = await runSafely(
    (...batch) =>
      runBatch({ prisma, bounds, seatsAtHand: new SeatsAtHand() }, ...batch)
        .then(({ results }) => results)
        .catch((error: unknown) => {
          throw error instanceof TransactionFailure
            ? new TransactionFailure('work', error.cause)
            : error
        }),
    [{ command: plainReserve(eventId, 'ann'), idempotency: null }],
    'skip',
  )
  const refusal = result?.status === 'done' ? refusalOf(result.value) : undefined
  t.equal(refusal, 'already_booked')
  t.same(await seatsOf(pool, eventId), { rows: 1, users: 1, taken: 1 })
})

t.test('a lost commit is known however it is wrapped', async (t) => {
  const { url } = await createTestDatabase(t)
  const { prisma } = startEngine(t, url)
  const { database } = testConfig(url)
  const lost = new CommitLostError(new Error('Connection terminated unexpectedly'))
  const failures = {
    itself: lost,
    wrapped: new Error('a driver failed', { cause: new Error('it did', { cause: lost }) }),
    'of the adapter': Object.assign(new Error(), { meta: { driverAdapterError: lost } }),
  }
  for (const [name, error] of Object.entries(failures)) {
    const failing = inTransaction(prisma, database, () => Promise.reject(error))
    await t.rejects(failing, { name: 'TransactionFailure', stage: 'commit' }, name)
  }
  const other = inTransaction(prisma, database, () => Promise.reject(new Error('another')))
  await t.rejects(other, { name: 'TransactionFailure', stage: 'work' }, 'the control')
})
