import t from 'tap'
import { MAX_PURGED } from '../../src/store/purge.ts'
import { createApi } from '../helpers/api.ts'
import { createTestApp } from '../helpers/app.ts'
import { largestCommits, watchCommits } from '../helpers/commit-sizes.ts'
import { createTestDatabase } from '../helpers/database.ts'
import {
  bookedAt,
  BOUND,
  gather,
  historyOf,
  IN_PIECES,
  named,
  untilPurged,
  untilSettled,
  usersOf,
} from '../helpers/gathered.ts'

// The promise: whatever has gathered on an event, each transaction does a bounded piece of it, and
// every command gets its answer, a right one. The benchmark has the same at its full size.

const EXPIRED = 1000
const WAITING = 1000
const DELETED = 20_000
const OTHERS = 100

/** In a transaction are so many holds that end, so many entries, and what the commands write. */
const ALLOWED = BOUND + OTHERS

t.test('holds expire, a line is served and an event is deleted, all at once', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const other = await gather(pool, { totalSeats: OTHERS })
  const full = await gather(pool, { totalSeats: EXPIRED, expired: EXPIRED })
  const roomy = await gather(pool, { totalSeats: 2 * EXPIRED, expired: EXPIRED })
  const waiting = await gather(pool, { totalSeats: 10, confirmed: 10, line: WAITING })
  const deleted = await gather(pool, { totalSeats: DELETED, confirmed: DELETED, line: 100 })
  await watchCommits(pool)
  const environment = { ...IN_PIECES, SWEEP_INTERVAL_MS: '50' }
  const { ask, reserve } = await createApi(t, environment, database)

  const deletion = ask('DELETE', `/events/${deleted}?force=true`)
  const [first, elsewhere, gone] = await Promise.all([
    Promise.all([
      reserve(full, 'newcomer'),
      reserve(roomy, 'newcomer'),
      ask('PATCH', `/events/${waiting}`, { total_seats: 10 + WAITING }),
      deletion,
    ]),
    Promise.all(named('user', OTHERS).map((userId) => reserve(other, userId))),
    deletion.then(() => ask('GET', `/events/${deleted}`)),
  ])
  t.same(
    first.map(({ status }) => status),
    [201, 201, 200, 204],
  )
  t.equal(gone.status, 404)
  t.same(new Set(elsewhere.map(({ status }) => status)), new Set([201]))

  await untilSettled(pool, full, roomy, waiting)
  await untilPurged(pool, deleted)
  t.equal((await ask('GET', `/events/${deleted}`)).status, 404)
  for (const eventId of [full, roomy]) {
    t.same(await bookedAt(t, pool, eventId), ['newcomer'])
    const history = await historyOf(t, pool, eventId)
    t.same(usersOf(history, 'expired'), named('hold', EXPIRED), 'the oldest ends first')
    t.same(usersOf(history, 'booked'), ['newcomer'])
    t.equal(history.length, EXPIRED + 1)
  }
  const line = named('line', WAITING)
  t.same(await bookedAt(t, pool, waiting), [...named('early', 10), ...line])
  t.same(usersOf(await historyOf(t, pool, waiting), 'promoted'), line)
  t.same((await bookedAt(t, pool, other)).length, OTHERS)

  for (const { kind, rows } of await largestCommits(pool, full, roomy, waiting, other)) {
    t.ok(rows <= ALLOWED, `${kind}: ${rows} rows by one transaction`)
  }
  const purged = await largestCommits(pool, deleted)
  t.ok(
    purged.some(({ kind }) => kind === 'bookings delete'),
    'a purge was seen',
  )
  for (const { kind, rows } of purged) {
    t.ok(rows <= MAX_PURGED, `${kind}: ${rows} of ${DELETED} rows by one transaction`)
  }
})

t.test('no sweeper is needed to finish what a command began', async (t) => {
  const { ask, reserve, database } = await createApi(t, IN_PIECES)
  const { pool } = database
  const expired = await gather(pool, { totalSeats: EXPIRED, expired: EXPIRED })
  const waiting = await gather(pool, { totalSeats: 1, confirmed: 1, line: WAITING })
  t.equal((await reserve(expired, 'newcomer')).status, 201)
  t.equal((await ask('PATCH', `/events/${waiting}`, { total_seats: 1 + WAITING })).status, 200)
  await untilSettled(pool, expired, waiting)
  t.same(await bookedAt(t, pool, expired), ['newcomer'])
  t.equal((await bookedAt(t, pool, waiting)).length, 1 + WAITING)
})

t.test('the sweeper needs no command, and finds a line whose seats came by SQL', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const expired = await gather(pool, { totalSeats: EXPIRED, expired: EXPIRED })
  const waiting = await gather(pool, { totalSeats: 1, confirmed: 1, line: WAITING })
  await watchCommits(pool)
  await pool.query('UPDATE events SET total_seats = total_seats + $2 WHERE id = $1', [
    waiting,
    WAITING,
  ])
  await createTestApp(t, { database, environment: { ...IN_PIECES, SWEEP_INTERVAL_MS: '50' } })
  await untilSettled(pool, expired, waiting)
  t.same(await bookedAt(t, pool, expired), [])
  t.same(usersOf(await historyOf(t, pool, waiting), 'promoted'), named('line', WAITING))
  for (const { kind, rows } of await largestCommits(pool, expired, waiting)) {
    t.ok(rows <= BOUND, `${kind}: ${rows} rows by one transaction`)
  }
})

t.test('control: where the bound is high, one transaction writes all of it', async (t) => {
  const { ask, reserve, database } = await createApi(t, {
    ...IN_PIECES,
    MAX_SETTLED_PER_BATCH: String(2 * EXPIRED),
  })
  const { pool } = database
  const expired = await gather(pool, { totalSeats: EXPIRED, expired: EXPIRED })
  const waiting = await gather(pool, { totalSeats: 1, confirmed: 1, line: WAITING })
  await watchCommits(pool)
  await reserve(expired, 'newcomer')
  await ask('PATCH', `/events/${waiting}`, { total_seats: 1 + WAITING })
  await untilSettled(pool, expired, waiting)
  t.same(await largestCommits(pool, expired), [
    { kind: 'bookings delete', rows: EXPIRED },
    { kind: 'bookings insert', rows: 1 },
  ])
  t.same(await largestCommits(pool, waiting), [
    { kind: 'bookings insert', rows: WAITING },
    { kind: 'waitlist_entries delete', rows: WAITING },
  ])
})
