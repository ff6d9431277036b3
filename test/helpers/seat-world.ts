import type pg from 'pg'
import type { Test } from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import type { ReserveCommand } from '../../src/domain/commands/bookings.ts'
import type { Line } from '../../src/domain/model.ts'
import { Seating } from '../../src/domain/seating/seating.ts'
import { createEventCommand, NOBODY, plainReserve, resize } from './commands.ts'
import { createTestDatabase } from './database.ts'
import { startEngine } from './engine.ts'
import { startBatches } from './one-batch.ts'
import { bookingOf, eventOf } from './outcomes.ts'

const TYPE = { maxPerBooking: null, salesStartAt: null, salesEndAt: null }
export const OFFER = {
  totalSeats: 4,
  maxSeatsPerBooking: 4,
  pools: ['a', 'b'].map((key) => ({ key, capacity: 4 })),
  ticketTypes: ['a', 'b'].map((key) => ({ key, name: key, pools: [key], ...TYPE })),
}

const seat = (ticketType: string, ...labels: string[]): Line => ({
  ...{ ticketType, seats: labels.length, labels, pools: [ticketType] },
})

/** An event with numbered seats, and what is asked of it. */
export interface World {
  readonly eventId: number
  readonly pool: pg.Pool
  /** Commands one after the other, each in a batch of its own; the id of the last booking. */
  readonly before: (...commands: Command[]) => Promise<number>
  readonly together: (...commands: Command[]) => Promise<readonly string[]>
  readonly setSeating: (pool: string) => Command
  readonly block: (...labels: string[]) => Command
  readonly unblock: (...labels: string[]) => Command
  readonly reserve: (user: string, ...labels: string[]) => ReserveCommand
  readonly move: (bookingId: number, ...labels: string[]) => Command
}

/** An event of four seats in one section, which is the pool a's to begin with. */
export async function createWorld(t: Test): Promise<World> {
  const { pool, url } = await createTestDatabase(t)
  const { reservations } = startEngine(t, url)
  const run = startBatches(t, url)
  const { id: eventId } = eventOf(await reservations.execute(createEventCommand(OFFER)))
  const of = { eventId, origin: NOBODY }
  const setSeating = (poolOfAll: string): Command => {
    const rows = [{ key: '1', seats: { from: 1, to: 4 } }]
    const seating = new Seating({ sections: [{ key: 'A', pool: poolOfAll, rows }] })
    return { type: 'set_seating', seating, digest: `all ${poolOfAll}`, ...of }
  }
  const world: World = {
    ...{ eventId, pool, setSeating },
    before: async (...commands) => {
      let id = 0
      for (const command of commands) {
        const { outcome } = await reservations.execute(command)
        if (outcome.kind === 'booking') id = bookingOf(outcome).id
      }
      return id
    },
    together: async (...commands) => (await run(...commands.map((each) => [each] as const))).words,
    block: (...labels) => ({ type: 'block_seats', labels, ...of }),
    unblock: (...labels) => ({ type: 'unblock_seats', labels, ...of }),
    reserve: (user, ...labels) => {
      const lines = [seat('a', ...labels)]
      return plainReserve(eventId, user, { seats: labels.length, lines })
    },
    move: (bookingId, ...labels) => {
      const lines = [seat('a', ...labels)]
      return { ...resize(eventId, bookingId, labels.length), lines }
    },
  }
  await world.before(setSeating('a'))
  return world
}

/** Who has which seat, what is blocked of which pool, and the counters. */
export async function leftOf({ pool, eventId }: World): Promise<string> {
  const { rows } = await pool.query<{ left: string }>(
    `SELECT concat_ws('; ',
       (SELECT string_agg(t.label || ' ' || COALESCE(b.user_id, 'blocked of ' || s.pool), ', ' ORDER BY t.label)
         FROM taken_seats t LEFT JOIN bookings b ON b.id = t.booking_id
         LEFT JOIN blocked_seats s ON s.event_id = t.event_id AND s.label = t.label
         WHERE t.event_id = e.id),
       'event ' || taken || '+' || blocked,
       (SELECT string_agg(key || ' ' || taken || '+' || blocked || '/' || capacity, ', ' ORDER BY key)
         FROM event_pools WHERE event_id = e.id)) AS left
     FROM events e WHERE id = $1`,
    [eventId],
  )
  return rows[0]?.left ?? ''
}
