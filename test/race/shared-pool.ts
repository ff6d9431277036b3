import type pg from 'pg'
import { createEvent } from '../helpers/race.ts'

/** An event with room for all, but for a pool of so many seats which both of its types take from. */
export async function createShared(pool: pg.Pool, capacity: number): Promise<number> {
  const id = await createEvent(pool, 10_000, { maxSeatsPerBooking: 2 })
  await pool.query('INSERT INTO event_pools (event_id, key, capacity) VALUES ($1, $2, $3)', [
    ...[id, 'shared', capacity],
  ])
  const types = ['adult', 'child'].map((key) => ({
    ...{ key, name: key, pools: ['shared'], max_per_booking: null },
    ...{ sales_start_at: null, sales_end_at: null },
  }))
  await pool.query('UPDATE events SET ticket_types = $2 WHERE id = $1', [id, JSON.stringify(types)])
  return id
}

/** What the pool's counter says, and what the lines of the bookings say. */
export async function takenOf(
  pool: pg.Pool,
  id: number,
): Promise<{ taken: number; lines: number }> {
  const { rows } = await pool.query<{ taken: number; lines: number }>(
    `SELECT taken, (
       SELECT COALESCE(sum(l.seats), 0)::int FROM bookings AS b
       CROSS JOIN LATERAL jsonb_to_recordset(b.lines) AS l(seats int, pools text[])
       WHERE b.event_id = p.event_id AND p.key = ANY (l.pools)) AS lines
     FROM event_pools AS p WHERE event_id = $1`,
    [id],
  )
  return rows[0] ?? { taken: 0, lines: 0 }
}
