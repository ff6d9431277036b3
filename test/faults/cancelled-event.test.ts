import t from 'tap'
import { ALONE } from '../helpers/app.ts'
import { createApi } from '../helpers/api.ts'
import { largestCommits, watchCommits } from '../helpers/commit-sizes.ts'
import { createTestDatabase } from '../helpers/database.ts'
import {
  bookedAt,
  bookingOf,
  BOUND,
  gather,
  historyOf,
  IN_PIECES,
  named,
  untilEnded,
  usersOf,
} from '../helpers/gathered.ts'
import { startService } from '../helpers/service.ts'
import { lockEvent } from '../helpers/sessions.ts'
import { until } from '../helpers/until.ts'
import { check } from '../life/replay.ts'
import { readSnapshot } from '../life/tables.ts'

// The promise: what a cancelled event has ends in bounded pieces, without a command, also where the
// process that began with it is killed in the middle.

const CONFIRMED = 300
const LIVE = 60
const EXPIRED = 90
const WAITING = 250
const TOTAL = CONFIRMED + LIVE + EXPIRED
// Whoever is first waits for all seats, so that nobody is served before the event is cancelled.
const LINE = named('', WAITING).map((_, i) => (i === 0 ? TOTAL : 1))
const GIVEN = { totalSeats: TOTAL, confirmed: CONFIRMED, live: LIVE, expired: EXPIRED, line: LINE }

t.test('a cancelled event ends in pieces, and others go on', async (t) => {
  const { ask, reserve, createEvent, database } = await createApi(t, IN_PIECES)
  const { pool } = database
  const id = await gather(pool, GIVEN)
  const mine = await bookingOf(pool, id, 'early-77')
  const other = await createEvent({ total_seats: 1 })
  await watchCommits(pool)
  const cancelled = await ask('PATCH', `/events/${id}`, { status: 'cancelled' })
  t.match(cancelled, { status: 200, body: { status: 'cancelled' } })
  const [reserved, refused, given] = await Promise.all([
    reserve(other, 'ann'),
    reserve(id, 'ann'),
    ask('DELETE', `/bookings/${mine}`),
  ])
  t.same([reserved.status, refused.status], [201, 409])
  t.ok([204, 404].includes(given.status), 'given back, or gone already')
  await untilEnded(pool, id)

  const history = await historyOf(t, pool, id)
  const ended = (type: string) => usersOf(history, type).toSorted()
  t.same(ended('cancelled'), named('early', CONFIRMED).toSorted(), 'each once')
  t.same(ended('released'), named('live', LIVE).toSorted())
  t.same(ended('expired'), named('hold', EXPIRED).toSorted())
  t.same(usersOf(history, 'left_waitlist'), named('line', WAITING))
  t.same(await bookedAt(t, pool, id), [])
  const sizes = await largestCommits(pool, id)
  t.same(
    sizes.map(({ kind }) => kind),
    ['bookings delete', 'waitlist_entries delete'],
  )
  // One more is the booking that is given back meanwhile, and one ends in any case beside the holds
  // that have expired.
  for (const { kind, rows } of sizes) t.ok(rows <= BOUND + 2, `${kind}: ${rows} rows at once`)
})

const BOOKED = 150
const IN_LINE = 50

t.test('a process is killed in the middle, and another one finishes', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const environment = { ...ALONE, ...IN_PIECES, MAX_SETTLED_PER_BATCH: '1' }
  const victim = await startService(t, database.url, environment)
  const send = async (method: string, path: string, body: object): Promise<Response> =>
    fetch(`${victim.baseUrl}/api${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const { id } = await until(async () => {
    const made = await send('POST', '/events', { name: 'Off', total_seats: BOOKED })
    return made.status === 201 && ((await made.json()) as { id: number })
  }, 'an event')
  const reserve = async (user_id: string): Promise<number> => {
    const body = { event_id: id, user_id, waitlist: true }
    const response = await send('POST', '/bookings/reserve', body)
    await response.arrayBuffer()
    return response.status
  }
  for (const some of [named('a', BOOKED), named('b', IN_LINE)]) {
    const statuses = new Set(await Promise.all(some.map(reserve)))
    t.equal(statuses.size, 1, `all are 201, then all 202: ${[...statuses].join()}`)
  }
  const cancelled = await send('PATCH', `/events/${id}`, { status: 'cancelled' })
  await cancelled.arrayBuffer()
  t.equal(cancelled.status, 200)
  // Between two of its transactions: the next one waits, so that this is the middle.
  const session = await lockEvent(t, database, id)
  await victim.stop('SIGKILL')
  await session.rollback()
  const left = (await bookedAt(t, pool, id)).length
  t.ok(left > 0, `${left} of ${BOOKED} are still booked`)

  await startService(t, database.url, { ...environment, SWEEP_INTERVAL_MS: '50' })
  await untilEnded(pool, id)
  const history = await historyOf(t, pool, id)
  t.equal(usersOf(history, 'cancelled').length, BOOKED, 'each booking has ended once')
  t.equal(usersOf(history, 'left_waitlist').length, IN_LINE)
  const snapshot = await readSnapshot(pool, id, 0)
  t.ok(check(snapshot).has('cancelled'), 'the history replays to what there is')
  t.same(
    [snapshot.pools[0]?.taken, snapshot.bookings, snapshot.line],
    [0, [], []],
    'which is nothing',
  )
})
