import type pg from 'pg'
import t from 'tap'
import { FEW_KINDS, MAX_VARIED_LOADED } from '../../src/store/varied-lines.ts'
import { plainReserve, settle } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { startBatches } from '../helpers/one-batch.ts'
import { kindOf } from '../helpers/outcomes.ts'

// The promise: lines in which many different things are waited for are read a few at a time, as large halls
// are (put-off.test.ts), and each has its turn.

/** Events of which each waits for so many different things that only a few fit into a batch; and a plain one. */
async function createVaried(pool: pg.Pool, events: number, kinds: number): Promise<number[]> {
  // Each pool has a seat, and each is waited for.
  await pool.query(`
    INSERT INTO events (name, total_seats) SELECT 'Varied', 1000 FROM generate_series(1, ${events});
    INSERT INTO event_pools (event_id, key, capacity)
      SELECT id, 'p' || kind, 1 FROM events, generate_series(1, ${kinds}) AS kind;
    INSERT INTO waitlist_entries (event_id, user_id, lines)
      SELECT id, 'w' || kind, jsonb_build_array(jsonb_build_object('ticket_type', 't', 'seats', 1,
        'pools', ARRAY['p' || kind])) FROM events, generate_series(1, ${kinds}) AS kind;
    INSERT INTO events (name, total_seats) VALUES ('Plain', 1)`)
  return Array.from({ length: events }, (_, i) => events - i)
}

t.test('lines that wait for many different things', async (t) => {
  const { pool, url } = await createTestDatabase(t)
  const events = MAX_VARIED_LOADED + 2
  const kinds = FEW_KINDS + 1
  const ids = await createVaried(pool, events, kinds)
  const run = startBatches(t, url)
  const { words, facts } = await run(...ids.map((id) => [settle(id)] as const), [
    plainReserve(events + 1, 'ann'),
  ])
  const read = ids.map((_, i) => (i < MAX_VARIED_LOADED ? 'done' : 'later'))
  t.strictSame(words, [...read, 'booking'], 'who asked first')
  t.equal(facts.length, MAX_VARIED_LOADED * kinds + 1, 'the lines that were read are served')
  const next = await run(...ids.slice(MAX_VARIED_LOADED).map((id) => [settle(id)] as const))
  t.strictSame(next.words, ['done', 'done'])
  t.equal(next.facts.length, 2 * kinds)
})

t.test('those that are put off have their turn, whoever else keeps coming', async (t) => {
  const { pool, url } = await createTestDatabase(t)
  const ids = await createVaried(pool, MAX_VARIED_LOADED + 2, FEW_KINDS + 1)
  // Nobody is ever served: all lines stay as varied as they are.
  await pool.query(`UPDATE event_pools SET capacity = 0`)
  const { reservations } = startEngine(t, url, { environment: { LANES: '1' } })
  const isOver = new AbortController()
  const keepComing = async (id: number): Promise<void> => {
    while (!isOver.signal.aborted) await reservations.execute(settle(id))
  }
  const first = ids.slice(0, MAX_VARIED_LOADED).flatMap((id) => [id, id, id].map(keepComing))
  const outcomes = await Promise.all(
    ids.slice(MAX_VARIED_LOADED).map((id) => reservations.execute(settle(id))),
  )
  t.strictSame(outcomes.map(kindOf), ['done', 'done'])
  isOver.abort()
  await Promise.all(first)
})
