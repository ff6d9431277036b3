import type pg from 'pg'
import t, { type Test } from 'tap'
import type { AskedLine } from '../../src/domain/commands/bookings.ts'
import { Occupancy } from '../../src/domain/seating/occupancy.ts'
import { Seating } from '../../src/domain/seating/seating.ts'
import { AtHand } from '../../src/store/at-hand.ts'
import { isSeatingAtHand, keepSeating } from '../../src/store/seatings.ts'
import { SeatsAtHand } from '../../src/store/seats-at-hand.ts'
import { cancel, plainReserve } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine, type TestEngine } from '../helpers/engine.ts'
import { createEvent } from '../helpers/race.ts'

// Who has the seats of a hall is kept from batch to batch: nothing is read anew, and nothing is missed that
// others have changed meanwhile.

const SEATING = new Seating({
  sections: ['A', 'B'].map((key) => ({
    ...{ key, pool: null },
    rows: [{ key: '1', seats: { from: 1, to: 10 } }],
  })),
})
/** The best seats of a row of ten, one after the other: docs/best-available.md. */
const IN_ORDER = ['5', '6', '4', '7', '3', '8', '2', '1', '9', '10'].map((seat) => `A-1-${seat}`)

const best = (section: string | null): AskedLine => ({
  ...{ ticketType: 'default', seats: 1, bestAvailable: { section, split: false } },
})
const named = (label: string): AskedLine => ({ ticketType: 'default', seats: 1, labels: [label] })

interface Seated {
  readonly url: string
  readonly pool: pg.Pool
  readonly eventId: number
}

async function createHall(t: Test): Promise<Seated> {
  const { url, pool } = await createTestDatabase(t)
  const eventId = await createEvent(pool, 100)
  await pool.query(
    `WITH seated AS (UPDATE events SET seating = 'first' WHERE id = $1)
     INSERT INTO event_seatings (event_id, digest, document) VALUES ($1, 'first', $2)`,
    [eventId, JSON.stringify(SEATING.document)],
  )
  return { url, pool, eventId }
}

/** An engine that tells how often it has read who has seats. */
function startReader(t: Test, url: string, rewrite = (sql: string) => sql) {
  let reads = 0
  const engine = startEngine(t, url, {
    rewrite(sql) {
      if (sql.includes('json_agg(label)')) reads += 1
      return rewrite(sql)
    },
  })
  return { engine, reads: () => reads }
}

let users = 0

/** The booking's id and its seat; or why there is none. */
async function take(
  { reservations }: TestEngine,
  eventId: number,
  line: AskedLine,
): Promise<{ id: number; label: string } | string> {
  users += 1
  const command = plainReserve(eventId, `user ${users}`, { lines: [line] })
  const { outcome } = await reservations.execute(command)
  if (outcome.kind === 'refused') return outcome.refusal
  if (outcome.kind !== 'booking') return outcome.kind
  return { id: outcome.booking.id, label: outcome.booking.lines?.[0]?.labels?.[0] ?? 'none' }
}

async function labelOf(...taken: Parameters<typeof take>): Promise<string> {
  const got = await take(...taken)
  return typeof got === 'string' ? got : got.label
}

t.test('it is read once, whoever then books and cancels here', async (t) => {
  const { url, eventId } = await createHall(t)
  const { engine, reads } = startReader(t, url)
  const first = await take(engine, eventId, best('A'))
  t.match(first, { label: IN_ORDER[0] })
  t.equal(await labelOf(engine, eventId, best('A')), IN_ORDER[1])
  t.equal(await labelOf(engine, eventId, named('A-1-4')), 'A-1-4', 'by its label')
  t.equal(await labelOf(engine, eventId, named('A-1-4')), 'seats_taken')
  if (typeof first === 'string') throw new Error(first)
  await engine.reservations.execute(cancel(eventId, first.id))
  t.equal(await labelOf(engine, eventId, best('A')), IN_ORDER[0], 'it was given back')
  t.equal(reads(), 1)
  t.equal(await labelOf(engine, eventId, named('B-1-1')), 'B-1-1')
  t.equal(reads(), 2, 'of another section nothing was known')
  t.equal(await labelOf(engine, eventId, best(null)), 'A-1-7')
  t.equal(await labelOf(engine, eventId, best('B')), 'B-1-5')
  t.equal(reads(), 3, 'and then of all')
})

t.test('whatever others have changed is read anew', async (t) => {
  const { url, pool, eventId } = await createHall(t)
  const { engine, reads } = startReader(t, url)
  t.equal(await labelOf(engine, eventId, best('A')), 'A-1-5')
  await pool.query(
    `INSERT INTO bookings (event_id, user_id, lines)
     VALUES ($1, 'sql', '[{"ticket_type": "default", "seats": 1, "labels": ["A-1-6"]}]')`,
    [eventId],
  )
  t.equal(await labelOf(engine, eventId, best('A')), 'A-1-4', 'by a booking in SQL')
  await pool.query(`INSERT INTO blocked_seats (event_id, label) VALUES ($1, 'A-1-7')`, [eventId])
  t.equal(await labelOf(engine, eventId, best('A')), 'A-1-3', 'by a seat that is blocked')
  await pool.query('TRUNCATE bookings, blocked_seats')
  t.equal(await labelOf(engine, eventId, best('A')), 'A-1-5', 'by TRUNCATE')
  t.equal(reads(), 4)
})

/** Two processes that book by turns; the seats, in the order in which they were given. */
async function byTurns(t: Test, rewrite?: (sql: string) => string): Promise<string[]> {
  const { url, eventId } = await createHall(t)
  const engines = [startReader(t, url, rewrite).engine, startReader(t, url, rewrite).engine]
  const labels: string[] = []
  for (const turn of IN_ORDER.keys()) {
    const engine = engines[turn % engines.length]
    if (engine !== undefined) labels.push(await labelOf(engine, eventId, best('A')).catch(String))
  }
  return labels
}

t.test('two processes give the seats in order, by turns', async (t) => {
  t.same(await byTurns(t), IN_ORDER)
})

t.test('control: without a look at the version of the row they do not', async (t) => {
  const blind = (sql: string) =>
    sql
      .replace('xmin::text AS row_version', `'1' AS row_version`)
      .replace('(txid_current() % 4294967296)::text', `'1'`)
  t.not((await byTurns(t, blind)).join(), IN_ORDER.join())
})

t.test('what is at hand has a bound', async (t) => {
  const atHand = new AtHand<string, number>(10, (weight) => weight)
  atHand.keep('first', 4)
  atHand.keep('second', 5)
  t.equal(atHand.get('first'), 4, 'which is the last one used')
  atHand.keep('third', 6)
  t.same(
    ['first', 'second', 'third'].map((key) => atHand.has(key)),
    [true, false, true],
  )
  atHand.keep('large', 11)
  t.same(
    ['first', 'third', 'large'].map((key) => atHand.has(key)),
    [false, false, true],
  )
  t.equal(atHand.take('large'), 11)
  t.equal(atHand.get('large'), undefined)
})

t.test('halls of many short rows are as heavy as they are large', (t) => {
  const rows = Array.from({ length: 20_000 }, (_, row) => {
    return { key: `${row}`, seats: { from: 1, to: 1 } }
  })
  const hall = new Seating({ sections: [{ key: 'A', pool: null, rows }] })
  const seatsAtHand = new SeatsAtHand()
  const events = Array.from({ length: 30 }, (_, i) => {
    return { id: i + 1, tenant_id: 'default', seating: `rows ${i}`, row_version: '1' }
  })
  for (const event of events) {
    keepSeating(event.seating, hall)
    seatsAtHand.putBack(event, new Occupancy(hall, []))
  }
  // A million seats of 100 bytes, where a row of one seat weighs five.
  const last = events.slice(-10)
  t.same(
    events.filter(({ seating }) => isSeatingAtHand(seating)),
    last,
  )
  t.same(
    events.filter((event) => seatsAtHand.take(event) !== undefined),
    last,
  )
  t.end()
})
