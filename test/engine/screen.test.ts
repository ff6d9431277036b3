import t from 'tap'
import { refuse } from '../../src/domain/outcomes.ts'
import { Seating } from '../../src/domain/seating/seating.ts'
import { EngineError } from '../../src/engine/engine-error.ts'
import { RefusalScreen } from '../../src/engine/screen.ts'
import { createEventCommand, plainReserve, setSeating } from '../helpers/commands.ts'
import type { AskedLine } from '../../src/domain/commands/bookings.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { eventOf, kindOf, underKey } from '../helpers/outcomes.ts'

const MAX_EVENTS = 10_000
const HALL = new Seating({
  sections: [{ key: 'A', pool: null, rows: [{ key: '1', seats: { from: 1, to: 4 } }] }],
})
const SOLD_OUT = refuse('sold_out')

t.test(
  'an event that goes on refusing is not forgotten, and one that is not there not learned',
  async (t) => {
    const { url } = await createTestDatabase(t)
    const screen = new RefusalScreen(startEngine(t, url).prisma)
    const learn = (eventId: number, refusal = SOLD_OUT) => {
      screen.learn(plainReserve(eventId, 'ann'), refusal)
    }
    const knows = (eventId: number) => screen.isWorthAsking(plainReserve(eventId, 'bob'))

    for (const id of [1, 2]) learn(id)
    for (let id = 3; id <= MAX_EVENTS; id += 1) learn(id)
    learn(1)
    learn(MAX_EVENTS + 1)
    t.strictSame([knows(1), knows(2)], [true, false], 'the one that refused longest ago has gone')

    const missing = MAX_EVENTS + 2
    for (let n = 0; n < MAX_EVENTS; n += 1) learn(missing + n, refuse('event_not_found'))
    t.strictSame([knows(1), knows(missing)], [true, false])

    // What no read proves would have all others looked at in vain.
    const taken = missing + MAX_EVENTS
    for (const refusal of ['seats_taken', 'seats_not_together', 'sales_closed'] as const) {
      learn(taken, refuse(refusal))
    }
    t.equal(knows(taken), false)
  },
)

t.test('what sells by types is refused while somebody else has the event locked', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { reservations } = startEngine(t, url, { environment: { LOCK_TIMEOUT_MS: '100' } })
  const open = { maxPerBooking: null, salesStartAt: null, salesEndAt: null }
  const keys = ['front', 'back']
  const created = await reservations.execute(
    createEventCommand({
      ...{ totalSeats: 4, maxSeatsPerBooking: 3 },
      pools: keys.map((key) => ({ key, capacity: key === 'front' ? 1 : 3 })),
      ticketTypes: keys.map((key) => ({ key, name: key, pools: [key], ...open })),
    }),
  )
  const { id } = eventOf(created)
  await reservations.execute(setSeating(id, HALL, 'hall'))
  const reserve = (user: string, ticketType: string, seats: number, more = {}) => {
    const line: AskedLine = { ticketType, seats, ...more }
    return plainReserve(id, user, { seats, lines: [line] })
  }
  await reservations.execute(reserve('ann', 'front', 1))
  await reservations.execute(reserve('bob', 'front', 1))

  const other = await pool.connect()
  t.teardown(() => {
    other.release()
  })
  await other.query('BEGIN')
  await other.query('SELECT FROM events WHERE id = $1 FOR UPDATE', [id])
  const best = { bestAvailable: { section: null, split: false } }
  for (const command of [reserve('cid', 'front', 1), reserve('cid', 'front', 1, best)]) {
    const { outcome } = await reservations.execute(command)
    const details = { pool: 'front', available: 0, waitingBefore: 0 }
    t.strictSame(outcome, refuse('sold_out', undefined, details))
  }
  const again = await reservations.execute(reserve('ann', 'back', 1))
  t.equal(kindOf(again), 'already_booked')
  // The control: what is under a key, and what there is room for, waits for the lock.
  const busy = new EngineError('event_busy')
  await t.rejects(reservations.execute(reserve('cid', 'front', 1), underKey('key')), busy)
  await t.rejects(reservations.execute(reserve('dee', 'back', 3)), busy)
  await other.query('ROLLBACK')
  t.equal(kindOf(await reservations.execute(reserve('dee', 'back', 3))), 'booking')
})
