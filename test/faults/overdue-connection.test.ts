import { once } from 'node:events'
import t, { type Test } from 'tap'
import { cancel, plainReserve } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { bookingOf, hasSucceeded } from '../helpers/outcomes.ts'
import { startProxy } from '../helpers/proxy.ts'
import { createEvent, seatsOf } from '../helpers/race.ts'

// The promise: what a transaction wrote that was given up is never committed by the next one that
// gets its connection. A session of our own has PostgreSQL's timeouts for that; behind PgBouncer
// there are none, so that only the end of the connection protects.

const WAYS = { 'of our own': '', 'behind PgBouncer': '?pgbouncer=true' }

for (const [name, query] of Object.entries(WAYS)) {
  t.test(`a session ${name} comes to life again after it was given up`, (t) => wakeUp(t, query))
}

async function wakeUp(t: Test, query: string): Promise<void> {
  const database = await createTestDatabase(t)
  const proxy = await startProxy(t, database.url)
  const { pool, reservations } = startEngine(t, `${proxy.url}${query}`, {
    environment: {
      LOCK_TIMEOUT_MS: '1000',
      TRANSACTION_TIMEOUT_MS: '1500',
      COMMAND_TIMEOUT_MS: '10000',
      LANES: '1',
    },
  })
  const eventId = await createEvent(database.pool, 10)
  const booking = bookingOf(await reservations.execute(plainReserve(eventId, 'ann')))
  let writes = 0
  proxy.judge = (sql) => {
    // The first of two writes: with the last one COMMIT would go along.
    if (/DELETE FROM bookings/.test(sql) && writes++ === 0) proxy.freeze()
    return 'pass'
  }
  const answer = reservations.execute(cancel(eventId, booking.id))
  // The transaction is given up. The write that it has sent reaches PostgreSQL only now.
  await once(pool, 'release')
  proxy.thaw()
  t.ok(hasSucceeded(await answer))
  t.equal(writes, 2, 'the second transaction wrote for itself')
  t.same(await seatsOf(database.pool, eventId), { rows: 0, users: 0, taken: 0 })
}
