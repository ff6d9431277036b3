import type pg from 'pg'
import t from 'tap'
import type { AskedLine } from '../../src/domain/commands/bookings.ts'
import { asCaller, plainReserve, settle } from '../helpers/commands.ts'
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

  await t.test('whoever is of another tenant is told at once', async (t) => {
    const run = startBatches(t, url)
    const of = (id: number) => inHall(id, 'eve', BEST)
    const [first = 0, second = 0] = halls
    const stranger = { tenantId: 'other' }
    const { words } = await run(
      [of(first)],
      [of(second)],
      [asCaller(stranger, of(second))],
      [asCaller(stranger, settle(second))],
    )
    t.strictSame(words, ['booking', 'later', 'event_not_found', 'event_not_found'])
  })

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
