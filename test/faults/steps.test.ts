import t from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startProxy, type Verdict } from '../helpers/proxy.ts'
import { createEvent, crowd, seatsOf } from '../helpers/race.ts'
import { shuffle } from '../helpers/random.ts'
import { checkPromises, count, settle, storm } from '../helpers/storm.ts'

// The promise: wherever the connection to PostgreSQL breaks, every 201 is in the table, no event
// holds more than it has, nobody is booked twice, everybody gets an answer in time, and the
// service goes on when the fault is gone.

const EVENTS = 5
const SEATS = 30
const USERS = 50

/** Each of these statements is the next step of one transaction. */
const STEPS: readonly (readonly [name: string, statement: RegExp, verdict: Verdict])[] = [
  // BEGIN and the lock are sent together, and so are the write and COMMIT.
  ['before the transaction', /^BEGIN/, 'cut_before'],
  ['after the lock', /FOR UPDATE/, 'cut_after'],
  ['before the write', /INSERT INTO bookings/, 'cut_before'],
  ['after the write', /INSERT INTO bookings/, 'cut_after'],
  ['at COMMIT', /^COMMIT/, 'cut_before'],
  ['after COMMIT', /^COMMIT/, 'cut_after'],
]

for (const [name, statement, verdict] of STEPS) {
  t.test(`connections are cut ${name}`, async (t) => {
    const database = await createTestDatabase(t)
    const proxy = await startProxy(t, database.url)
    const app = await createTestApp(t, {
      database: { ...database, url: proxy.url },
      environment: { MAX_BATCH_SIZE: '20' },
    })
    const events = await Promise.all(
      Array.from({ length: EVENTS }, () => createEvent(database.pool, SEATS)),
    )
    let seen = 0
    // Not each time, or nothing would ever be booked; never only the first, as a lane has to
    // survive it again and again.
    proxy.judge = (sql) => (statement.test(sql) && seen++ % 3 !== 2 ? verdict : 'pass')

    const attempts = shuffle(events.flatMap((eventId) => crowd(eventId, USERS)))
    const answers = await storm(app, attempts, 100)
    t.ok(proxy.cuts >= 5, `${proxy.cuts} connections were cut`)
    t.comment(`answers while the fault lasts: ${JSON.stringify(count(answers))}`)
    await checkPromises(t, database.pool, answers)

    proxy.judge = () => 'pass'
    const settled = await settle(app, answers)
    await checkPromises(t, database.pool, [...answers, ...settled])
    for (const eventId of events) {
      t.same(await seatsOf(database.pool, eventId), { rows: SEATS, users: SEATS, taken: SEATS })
    }
  })
}
