import type pg from 'pg'
import t from 'tap'
import { settle } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { untilSettled } from '../helpers/gathered.ts'
import { startBatches } from '../helpers/one-batch.ts'

// The promise: where a batch can't serve all who wait at its events, the event that somebody asked for first
// is served first, and what is left comes next.

const ROW = 1000
/** Of each event: more seats than one batch may give. */
const PARTIES = 8

/** Events at which each of those who wait wants another number of numbered seats of a pool. */
async function createHalls(pool: pg.Pool): Promise<[number, number]> {
  const rows = Array.from({ length: PARTIES }, (_, i) => ({
    ...{ key: String(i + 1), seats: { from: 1, to: ROW } },
  }))
  await pool.query(
    `WITH made AS (
       INSERT INTO events (name, total_seats, seating)
       SELECT 'Hall ' || n, $1, 'hall' FROM generate_series(1, 2) AS n RETURNING id)
     INSERT INTO event_seatings (event_id, digest, document) SELECT id, 'hall', $2 FROM made`,
    [PARTIES * ROW, JSON.stringify({ sections: [{ key: 'A', pool: null, rows }] })],
  )
  await pool.query(`
    INSERT INTO event_pools (event_id, key, capacity)
      SELECT id, 'front', total_seats FROM events;
    INSERT INTO waitlist_entries (event_id, user_id, seats, lines)
      SELECT id, 'w' || n, ${ROW} - n, jsonb_build_array(jsonb_build_object(
        'ticket_type', 'default', 'seats', ${ROW} - n, 'pools', ARRAY['front'],
        'best_available', '{"section": null, "split": false}'::jsonb))
      FROM events, generate_series(1, ${PARTIES}) AS n ORDER BY n, id`)
  const { rows: events } = await pool.query<{ id: number }>('SELECT id FROM events ORDER BY id')
  return [events[0]?.id ?? 0, events[1]?.id ?? 0]
}

async function servedAt(pool: pg.Pool, eventId: number): Promise<number> {
  const { rowCount } = await pool.query('SELECT FROM bookings WHERE event_id = $1', [eventId])
  return rowCount ?? 0
}

t.test('who is asked for first is served first', async (t) => {
  const { pool, url } = await createTestDatabase(t)
  const [low, high] = await createHalls(pool)
  const run = startBatches(t, url)
  await run([settle(high)], [settle(low)])
  const served = await servedAt(pool, high)
  t.ok(served > 0 && served < PARTIES, `${served} in the first batch`)
  t.equal(await servedAt(pool, low), 0, 'and nobody of the other event')
  await run([settle(low)], [settle(high)])
  t.equal(await servedAt(pool, low), served)
  t.equal(await servedAt(pool, high), served)
})

t.test('the engine asks for the batches that serve the others', async (t) => {
  const { pool, url } = await createTestDatabase(t)
  const events = await createHalls(pool)
  const { reservations } = startEngine(t, url)
  await Promise.all(events.map((id) => reservations.execute(settle(id))))
  await untilSettled(pool, ...events)
  for (const id of events) t.equal(await servedAt(pool, id), PARTIES)
})
