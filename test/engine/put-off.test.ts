import type pg from 'pg'
import t from 'tap'
import type { AskedLine } from '../../src/domain/commands.ts'
import { FEW_KINDS, MAX_VARIED_LOADED } from '../../src/store/varied-lines.ts'
import { plainReserve, settle } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { startBatches } from '../helpers/one-batch.ts'
import { kindOf } from '../helpers/outcomes.ts'

// The promise: what a batch reads under its locks is bounded over all of its events. Those for which that
// is too much come first in the next batch; none is decided on half of what there is.

const SEATS = 100_000
const HALLS = 4

/** Events with a large hall each. */
async function createHalls(pool: pg.Pool): Promise<number[]> {
  const rows = Array.from({ length: 100 }, (_, i) => ({
    ...{ key: String(i + 1), seats: { from: 1, to: SEATS / 100 } },
  }))
  const document = JSON.stringify({ sections: [{ key: 'A', pool: null, rows }] })
  const { rows: events } = await pool.query<{ id: number }>(
    `WITH made AS (
       INSERT INTO events (name, total_seats, seating)
       SELECT 'Hall ' || n, ${SEATS}, 'hall ' || n FROM generate_series(1, ${HALLS}) AS n
       RETURNING id, seating),
     seated AS (
       INSERT INTO event_seatings (event_id, digest, document) SELECT id, seating, $1 FROM made)
     SELECT id FROM made ORDER BY id`,
    [document],
  )
  return events.map(({ id }) => id)
}

const BEST: AskedLine = {
  ...{ ticketType: 'default', seats: 1, bestAvailable: { section: null, split: false } },
}
const inHall = (eventId: number, user: string, line: AskedLine) =>
  plainReserve(eventId, user, { lines: [line] })

t.test('large halls that are not at hand', async (t) => {
  const { pool, url } = await createTestDatabase(t)
  const halls = await createHalls(pool)
  const plain =
    (
      await pool.query<{ id: number }>(
        `INSERT INTO events (name, total_seats) VALUES ('Plain', 1) RETURNING id`,
      )
    ).rows[0]?.id ?? 0

  await t.test(
    'one is read in a batch, others come in the next ones, plain events in any',
    async (t) => {
      const run = startBatches(t, url)
      const last = [...halls].reverse()
      const commands = [...last.map((id) => inHall(id, 'ann', BEST)), plainReserve(plain, 'ann')]
      const { words } = await run(...commands.map((command) => [command] as const))
      t.strictSame(words, ['booking', 'later', 'later', 'later', 'booking'], 'who asked first')
      const again = await run(...last.map((id) => [inHall(id, 'bob', BEST)] as const))
      t.strictSame(
        again.words,
        ['booking', 'booking', 'later', 'later'],
        'one is at hand, one is read',
      )
    },
  )

  await t.test('by labels, as many seatings are made ahead as may be, and one more', async (t) => {
    const run = startBatches(t, url)
    // Of seatings the process remembers what a digest stands for.
    await pool.query(`UPDATE event_seatings SET digest = 'other ' || digest`)
    await pool.query(`UPDATE events SET seating = 'other ' || seating WHERE seating IS NOT NULL`)
    const of = (id: number) => [inHall(id, 'cy', { ...named('A-50-1') })] as const
    const { words } = await run(...halls.map(of))
    t.strictSame(words, ['booking', 'booking', 'booking', 'later'])
    t.strictSame((await run(...halls.slice(3).map(of))).words, ['booking'])
  })

  await t.test('the engine comes to all of them', async (t) => {
    const { reservations } = startEngine(t, url)
    const outcomes = await Promise.all(
      halls.map((id) => reservations.execute(inHall(id, 'dan', BEST))),
    )
    t.strictSame(
      outcomes.map(kindOf),
      halls.map(() => 'booking'),
    )
  })
})

function named(label: string): AskedLine {
  return { ticketType: 'default', seats: 1, labels: [label] }
}

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
