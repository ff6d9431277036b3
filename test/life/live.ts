import { deepStrictEqual, ok } from 'node:assert/strict'
import type pg from 'pg'
import type { Command } from '../../src/domain/commands.ts'
import { evolve } from '../../src/domain/evolve.ts'
import type { Fact } from '../../src/domain/facts.ts'
import type { EventState } from '../../src/domain/state.ts'
import type { Reservations } from '../../src/engine/engine.ts'
import { factOf, type FactRow } from '../../src/store/fact-rows.ts'
import { linesOf, type LineRow } from '../../src/store/offer.ts'
import { Judge } from '../domain/judge.ts'
import { ALL, partyOf, type ModelPools } from '../domain/pools-model.ts'
import type { Offer, PoolStep } from '../domain/pools-script.ts'
import { asModel, commandFor } from '../domain/pools-world.ts'
import { asCaller, createEventCommand, settle } from '../helpers/commands.ts'
import { eventOf, kindOf, outcomeOf } from '../helpers/outcomes.ts'

const TENANTS = ['default', 'acme'] as const
const NOBODY = 2_000_000_000

/** An event on PostgreSQL, with the engines that it is asked of by turns. */
export interface Live {
  readonly id: number
  readonly tenantId: string
  readonly pool: pg.Pool
  readonly execute: (command: Command) => Promise<string>
}

let turns = 0

/** Makes an event, of the tenants by turns. */
export async function createLive(
  pool: pg.Pool,
  engines: readonly Reservations[],
  offer: Offer,
): Promise<Live> {
  const tenantId = TENANTS[turns % TENANTS.length] ?? 'default'
  const ask = async (command: Command) => {
    const engine = engines[(turns += 1) % engines.length] ?? fail()
    return outcomeOf(await engine.execute(asCaller({ tenantId }, command)))
  }
  const { id } = eventOf(await ask(createEventCommand({ ...offer, maxSeatsPerBooking: 1000 })))
  return { id, tenantId, pool, execute: async (command) => kindOf(await ask(command)) }
}

/** Settles until a batch changes nothing. */
export async function settleAll({ id, pool, execute }: Live): Promise<void> {
  const last = async (): Promise<unknown> => {
    const { rows } = await pool.query(
      'SELECT max(last_sequence) AS last FROM event_history WHERE event_id = $1',
      [id],
    )
    return rows[0]
  }
  let before: unknown
  for (let now = await last(); JSON.stringify(now) !== JSON.stringify(before); now = await last()) {
    before = now
    await execute(settle(id))
  }
}

interface Row {
  readonly id: string
  readonly userId: string
  readonly seats: number
  readonly status: string
  readonly lines: LineRow[] | null
}

async function rowsOf({ id, pool }: Live): Promise<{ bookings: Row[]; line: Row[] }> {
  const of = async (table: string, status: string, order: string): Promise<Row[]> =>
    (
      await pool.query<Row>(
        `SELECT id, user_id AS "userId", seats, ${status} AS status, lines
         FROM ${table} WHERE event_id = $1 ORDER BY ${order}`,
        [id],
      )
    ).rows
  return {
    bookings: await of('bookings', 'status', 'user_id COLLATE "C"'),
    line: await of('waitlist_entries', `'waiting'`, 'id'),
  }
}

/** @throws where the tables are not as the model has it */
export async function compare(live: Live, model: ModelPools): Promise<void> {
  const { bookings, line } = await rowsOf(live)
  const parties = (rows: readonly Row[]) =>
    rows.map(({ lines, ...row }) => partyOf({ ...row, lines: linesOf(lines) }))
  const byUser = model.bookings.toSorted((a, b) => (a.user < b.user ? -1 : 1))
  deepStrictEqual(
    { bookings: parties(bookings), line: parties(line) },
    { bookings: byUser, line: model.line },
  )
}

/** The history, judged fact by fact, replays to what the tables have. */
export async function checkHistory(live: Live): Promise<void> {
  const { id: eventId, tenantId, pool } = live
  const { rows } = await pool.query<{ first: string; at: Date; changes: FactRow[] }>(
    `SELECT first_sequence AS first, at, changes FROM event_history WHERE event_id = $1
     ORDER BY first_sequence`,
    [eventId],
  )
  const facts = rows.flatMap(({ first, at, changes }) =>
    changes.map((row, i): Fact =>
      factOf(row, { eventId, tenantId, sequence: Number(first) + i, at }),
    ),
  )
  const judge = new Judge()
  let state: EventState | undefined
  for (const fact of facts) {
    if (state !== undefined) judge.see(asModel(state), fact)
    state = evolve(state, fact)
  }
  ok(state !== undefined, 'there is a history')
  const replayed = asModel(state)
  await compare(live, replayed)
  deepStrictEqual(replayed.next(), undefined, 'nobody waits who could be served')
  const { rows: pools } = await pool.query<{ key: string; capacity: number; taken: number }>(
    `SELECT key, capacity, taken FROM event_pools WHERE event_id = $1
     UNION ALL SELECT $2, total_seats, taken FROM events WHERE id = $1`,
    [eventId, ALL],
  )
  deepStrictEqual(
    Object.fromEntries(pools.map(({ key, capacity }) => [key, capacity])),
    replayed.capacities,
  )
  for (const { key, capacity, taken } of pools)
    deepStrictEqual(capacity - taken, replayed.free(key))
}

/** The command of a step; every other new booking is a hold. */
export async function commandOf(
  live: Live,
  step: PoolStep,
  { ticketTypes }: Offer,
): Promise<Command> {
  const { bookings, line } = await rowsOf(live)
  const idIn = (rows: readonly Row[]): number =>
    Number(rows.find(({ userId }) => 'user' in step && userId === step.user)?.id ?? NOBODY)
  const ids = { eventId: live.id, bookingId: idIn(bookings), entryId: idIn(line) }
  const command = commandFor(step, ids, ticketTypes)
  return command.type === 'reserve' ? { ...command, hold: (turns += 1) % 2 === 0 } : command
}

/** A hold ends by itself where somebody else's booking would be cancelled; tells whether it was one. */
export async function expire({ id, pool }: Live, user: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    `UPDATE bookings SET expires_at = now()
     WHERE event_id = $1 AND user_id = $2 AND status = 'held'`,
    [id, user],
  )
  return rowCount === 1
}

function fail(): never {
  throw new RangeError('there is no engine')
}
