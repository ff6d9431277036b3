import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { Gathering } from './arrange.ts'

const LOOK_EVERY_MS = 1000

/** When each event was finished, in seconds from the instant; null where it was not in time. */
export type Finish = Record<'A' | 'B' | 'C' | 'D', number | null>

interface Left {
  readonly A: boolean
  readonly B: boolean
  readonly C: boolean
  readonly D: boolean
}

/** Waits until nothing is left of what had gathered, or the time is up. */
export async function untilFinished(
  pool: pg.Pool,
  gathering: Gathering,
  limitS: number,
): Promise<Finish> {
  const finish: Finish = { A: null, B: null, C: null, D: null }
  const sinceS = (): number => (Date.now() - gathering.instant.getTime()) / 1000
  while (sinceS() < limitS) {
    const left = await look(pool, gathering)
    for (const event of ['A', 'B', 'C', 'D'] as const) {
      if (!left[event]) finish[event] ??= sinceS()
    }
    if (!(left.A || left.B || left.C || left.D)) break
    await delay(LOOK_EVERY_MS)
  }
  return finish
}

/** Whether there is anything left, by event: no counting, which would cost the service time. */
async function look(pool: pg.Pool, gathering: Gathering): Promise<Left> {
  const { expiring, filling, waiting, deleted } = gathering
  const { rows } = await pool.query<Left>(
    `SELECT
       EXISTS (SELECT FROM bookings
         WHERE event_id = $1 AND status = 'held' AND expires_at <= now()) AS "A",
       EXISTS (SELECT FROM bookings
         WHERE event_id = $2 AND status = 'held' AND expires_at <= now()) AS "B",
       EXISTS (SELECT FROM waitlist_entries WHERE event_id = $3) AS "C",
       EXISTS (SELECT FROM bookings WHERE event_id = $4)
         OR EXISTS (SELECT FROM events WHERE id = $4) AS "D"`,
    [expiring, filling, waiting, deleted],
  )
  const [row] = rows
  if (row === undefined) throw new Error('the tables told nothing')
  return row
}
