import t from 'tap'
import { ALONE } from '../helpers/app.ts'
import { largestCommits, watchCommits } from '../helpers/commit-sizes.ts'
import { createTestDatabase } from '../helpers/database.ts'
import {
  bookedAt,
  gather,
  historyOf,
  IN_PIECES,
  named,
  untilPurged,
  untilSettled,
  usersOf,
} from '../helpers/gathered.ts'
import { startService } from '../helpers/service.ts'
import { lockEvent } from '../helpers/sessions.ts'

// The promise: what a process leaves undone that is killed in the middle is finished by the next
// one's sweeper, without a command.

const WAITING = 1000
const EXPIRED = 1000
const DELETED = 20_000
const PIECE = 5
const environment = { ...ALONE, ...IN_PIECES, MAX_SETTLED_PER_BATCH: String(PIECE) }

async function send(url: string, method: string, payload?: object): Promise<number> {
  const headers = { 'content-type': 'application/json' }
  const body = payload && { body: JSON.stringify(payload), headers }
  const response = await fetch(url, { method, ...body })
  await response.arrayBuffer()
  return response.status
}

t.test('a process is killed in the middle, and another one finishes', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const waiting = await gather(pool, { totalSeats: 1, confirmed: 1, line: WAITING })
  const expired = await gather(pool, { totalSeats: EXPIRED, expired: EXPIRED })
  const deleted = await gather(pool, { totalSeats: DELETED, confirmed: DELETED, line: 10 })
  await watchCommits(pool)

  const victim = await startService(t, database.url, environment)
  const events = `${victim.baseUrl}/api/events`
  const answers = await Promise.all([
    send(`${events}/${waiting}`, 'PATCH', { total_seats: 1 + WAITING }),
    send(`${events}/${deleted}?force=true`, 'DELETE'),
    send(`${victim.baseUrl}/api/bookings/reserve`, 'POST', {
      event_id: expired,
      user_id: 'newcomer',
    }),
  ])
  t.same(answers, [200, 204, 201])
  // Between two of its transactions: the next one waits, so that this is the middle.
  const session = await lockEvent(t, database, waiting)
  await victim.stop('SIGKILL')
  await session.rollback()
  const { rows } = await pool.query<{ left: number }>(
    'SELECT count(*)::int AS left FROM waitlist_entries WHERE event_id = $1',
    [waiting],
  )
  const left = rows[0]?.left ?? 0
  t.ok(left > 0 && left < WAITING, `${left} of ${WAITING} are still in line`)

  const heir = await startService(t, database.url, { ...environment, SWEEP_INTERVAL_MS: '50' })
  t.equal(await send(`${heir.baseUrl}/api/events/${deleted}`, 'GET'), 404)
  await untilSettled(pool, waiting, expired)
  await untilPurged(pool, deleted)
  t.same(await bookedAt(t, pool, waiting), ['early-1', ...named('line', WAITING)])
  t.same(usersOf(await historyOf(t, pool, waiting), 'promoted'), named('line', WAITING))
  t.same(await bookedAt(t, pool, expired), ['newcomer'])
  const ended = usersOf(await historyOf(t, pool, expired), 'expired')
  t.same(ended, named('hold', EXPIRED), 'each hold has ended once')
  for (const { kind, rows: written } of await largestCommits(pool, waiting, expired)) {
    t.ok(written <= PIECE + answers.length, `${kind}: ${written} rows by one transaction`)
  }
})
