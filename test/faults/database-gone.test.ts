import t, { type Test } from 'tap'
import { createCutOff, type CutOff } from '../helpers/cut-off.ts'
import { crowd, seatsOf } from '../helpers/race.ts'
import { checkPromises, settle, storm, UNAVAILABLE } from '../helpers/storm.ts'
import { repeatDuring } from '../helpers/timing.ts'

// The promise: without a database every request is a 503 with Retry-After, the
// process stays alive and says so, and it works again as soon as the database does, by itself.

/** Books while the database is away; meanwhile the process must say that it is alive. */
async function stormWithout({ app, eventId }: CutOff, t: Test) {
  const statuses = new Set<number>()
  const storming = storm(app, crowd(eventId, 60))
  await repeatDuring(storming, async () => statuses.add((await app.inject('/livez')).statusCode))
  const answers = await storming
  t.same([...statuses], [200], 'alive all the time')
  t.ok(
    answers.every(({ status }) => status === 503),
    'every answer is 503',
  )
  return answers
}

t.test('the database refuses connections', async (t) => {
  const broken = await createCutOff(t)
  await broken.proxy.refuse()
  const answers = await stormWithout(broken, t)
  t.ok(
    answers.every(({ error }) => error === UNAVAILABLE),
    'surely nothing happened, and the answers say so',
  )
  await broken.proxy.accept()
  const settled = await settle(broken.app, answers)
  await checkPromises(t, broken.pool, [...answers, ...settled])
  const booked = { rows: 61, users: 61, taken: 61 }
  t.same(await seatsOf(broken.pool, broken.eventId), booked, 'then all are booked')
})

t.test('the database is frozen, for a while', async (t) => {
  const broken = await createCutOff(t)
  broken.proxy.freeze()
  const answers = await stormWithout(broken, t)
  broken.proxy.thaw()
  const settled = await settle(broken.app, answers)
  await checkPromises(t, broken.pool, [...answers, ...settled])
})

t.test('the database is frozen in the middle of a transaction', async (t) => {
  for (const statement of [/FOR UPDATE/, /INSERT INTO bookings/, /^COMMIT/]) {
    const broken = await createCutOff(t)
    broken.proxy.judge = (sql) => {
      if (statement.test(sql)) broken.proxy.freeze()
      return 'pass'
    }
    const answers = await stormWithout(broken, t)
    broken.proxy.judge = () => 'pass'
    broken.proxy.thaw()
    const settled = await settle(broken.app, answers)
    await checkPromises(t, broken.pool, [...answers, ...settled])
  }
})

t.test('connections fall silent for ever, as at a failover; new ones work', async (t) => {
  const broken = await createCutOff(t)
  // As many connections as there can be, all of them soon stranded.
  await Promise.all(Array.from({ length: 10 }, () => broken.app.prisma.$queryRaw`SELECT 1`))
  broken.proxy.strand()
  const answers = await storm(broken.app, crowd(broken.eventId, 60))
  const settled = await settle(broken.app, answers)
  await checkPromises(t, broken.pool, [...answers, ...settled])
})
