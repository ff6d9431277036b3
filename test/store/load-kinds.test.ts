import t, { type Test } from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import { loadDetails } from '../../src/store/load-details.ts'
import { lockAndLoad } from '../../src/store/lock-and-load.ts'
import type { Sql } from '../../src/store/rows.ts'
import { SeatsAtHand } from '../../src/store/seats-at-hand.ts'
import { asked, cancel, changeEvent, plainReserve, settle } from '../helpers/commands.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { watchCosts } from '../helpers/plans.ts'

// The promise: of a line that waits for pools no more is read than there can be room for, and one of
// each kind; and nobody's metadata, which may be large, before they are served.

const KINDS = 20
const OF_EACH = 500
const ALL = KINDS * OF_EACH

/**
 * An event with pools that are full, one for each kind of those who wait; the one with the first kind
 * has a booking of two seats to give back.
 */
async function createFull(t: Test): Promise<TestDatabase> {
  const database = await createTestDatabase(t)
  const lines = `jsonb_build_array(jsonb_build_object(
    'ticket_type', 'type', 'seats', seats, 'pools', jsonb_build_array('p' || pool)))`
  await database.pool.query(`
    INSERT INTO events (name, total_seats) VALUES ('Full', ${2 * KINDS});
    INSERT INTO event_pools (event_id, key, place, capacity)
      SELECT 1, 'p' || pool, pool, 2 FROM generate_series(1, ${KINDS}) AS pool;
    INSERT INTO bookings (event_id, user_id, seats, lines)
      SELECT 1, 'has ' || pool, 2, ${lines} FROM (
        SELECT pool, 2 AS seats FROM generate_series(1, ${KINDS}) AS pool) AS b;
    INSERT INTO waitlist_entries (event_id, user_id, seats, lines, metadata)
      SELECT 1, 'waits ' || pool || ' ' || n, 1, ${lines}, json_build_object('n', n) FROM (
        SELECT n, pool, 1 AS seats FROM generate_series(1, ${OF_EACH}) AS n,
          generate_series(1, ${KINDS}) AS pool) AS w;
    ANALYZE`)
  return database
}

async function load(sql: Sql, commands: readonly Command[]) {
  const seatsAtHand = new SeatsAtHand()
  const { events, now } = await lockAndLoad(sql, asked(1), commands)
  return loadDetails(sql, { events, commands, now, maxSettled: ALL, seatsAtHand })
}

const CASES: readonly [what: string, command: Command, entries: number, isFull: boolean][] = [
  ['a reservation where all is taken', plainReserve(1, 'new', { waitlist: true }), KINDS, true],
  ['a settlement', settle(1), KINDS, true],
  ['two seats of one pool that come free', cancel(1, 1), KINDS + 2, false],
  [
    'room in one pool, and none in the event',
    changeEvent(1, { pools: [{ key: 'p2', capacity: 50 }] }),
    KINDS,
    true,
  ],
  [
    'room in the event and one pool',
    changeEvent(1, { totalSeats: 100, pools: [{ key: 'p2', capacity: 5 }] }),
    KINDS + 3,
    false,
  ],
]

t.test('of a line with kinds as many are read as there can be room for', async (t) => {
  const { url } = await createFull(t)
  const { prisma } = startEngine(t, url)
  const costsOf = watchCosts(t, url)
  for (const [what, command, entries, isFull] of CASES) {
    const { line } = (await load(prisma, [command])).of(1)
    t.equal(line.front.length, entries, what)
    t.equal(new Set(line.front.map(({ lines }) => lines?.[0]?.pools[0])).size, KINDS, 'each kind')
    t.ok([...line.front, ...line.behind].every((entry) => !('metadata' in entry)))
    const costs = await costsOf((sql) => load(sql, [command]))
    const rows = costs.reduce((sum, cost) => sum + cost.rows, 0)
    // Each kind is found, and of each one more is read, which tells whether it goes on.
    const most = 4 * KINDS + 2 * (entries + KINDS)
    t.ok(rows <= most && most < ALL, `${what}: ${rows} rows, at most ${most}`, { costs })
    const areUsersLookedUp = costs.some(({ text }) => text.includes('u(event_id, user_id)'))
    if (command.type !== 'reserve') t.equal(areUsersLookedUp, !isFull, 'users of those who may go')
  }
})
