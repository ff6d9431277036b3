import type pg from 'pg'
import t, { type Test } from 'tap'
import { largestCommits, watchCommits } from '../helpers/commit-sizes.ts'
import { settle } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { BOUND, IN_PIECES, untilSettled } from '../helpers/gathered.ts'
import { kindOf } from '../helpers/outcomes.ts'

// The promise: what the sweeper finds on many events at once takes few transactions, each of a
// bounded size.

const EVENTS = 300
/** Far fewer than events. */
const FEW = EVENTS / 10
/** A transaction settles something of each of its events, so that all of them get on. */
const ALLOWED = BOUND + EVENTS

/** Brings events into the tables, each with some expired holds of one seat; their ids. */
async function gatherMany(pool: pg.Pool, holds: number): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>(
    `INSERT INTO events (name, total_seats)
     SELECT 'Event ' || n, $2 FROM generate_series(1, $1::int) AS n RETURNING id`,
    [EVENTS, holds],
  )
  const ids = rows.map(({ id }) => id)
  await pool.query(
    `INSERT INTO bookings (event_id, user_id, status, created_at, expires_at)
     SELECT id, 'hold-' || n, 'held', now() - interval '1 hour', now() - interval '1 minute'
     FROM unnest($1::int[]) AS id CROSS JOIN generate_series(1, $2::int) AS n`,
    [ids, holds],
  )
  await pool.query('ANALYZE events, bookings')
  return ids
}

/** What the history of all events tells, counted. */
async function changesOf(pool: pg.Pool): Promise<{ type: string; times: number }[]> {
  const { rows } = await pool.query<{ type: string; times: number }>(
    `SELECT change->>'type' AS type, count(*)::int AS times
     FROM event_history CROSS JOIN LATERAL jsonb_array_elements(changes::jsonb) AS change
     GROUP BY 1 ORDER BY 1`,
  )
  return rows
}

/** Settles events with so many expired holds each; gives the number of batches that it took. */
async function settleMany(t: Test, holds: number): Promise<number> {
  const { url, pool } = await createTestDatabase(t)
  const events = await gatherMany(pool, holds)
  await watchCommits(pool)
  const { reservations, batches } = startEngine(t, url, { environment: IN_PIECES })
  const answers = await Promise.all(events.map((id) => reservations.execute(settle(id))))
  t.same(new Set(answers.map(kindOf)), new Set(['done']))
  await untilSettled(pool, ...events)
  // Every batch has told of itself when nothing is at work any more.
  await reservations.close()

  const { rows } = await pool.query<{ taken: number; held: number }>(
    'SELECT sum(taken)::int AS taken, sum(held)::int AS held FROM events',
  )
  t.same(rows, [{ taken: 0, held: 0 }])
  t.same(await changesOf(pool), [{ type: 'expired', times: EVENTS * holds }], 'each ended once')
  const [largest, ...others] = await largestCommits(pool, ...events)
  t.same([largest?.kind, others], ['bookings delete', []])
  t.ok((largest?.rows ?? 0) <= ALLOWED, `${largest?.rows ?? 0} holds by one transaction`)
  return batches.length
}

t.test('many events with an expired hold each are settled together', async (t) => {
  const transactions = await settleMany(t, 1)
  t.ok(transactions <= FEW, `${transactions} transactions for ${EVENTS} events`)
})

t.test('of what is left each event takes a piece of its own, not one for each hold', async (t) => {
  const transactions = await settleMany(t, 3)
  t.ok(transactions <= EVENTS + FEW, `${transactions} transactions for ${EVENTS} events`)
})
