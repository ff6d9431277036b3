import t from 'tap'
import { confirm, plainReserve } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { bookingOf, hasSucceeded, isReplayed, underKey } from '../helpers/outcomes.ts'
import { createEvent } from '../helpers/race.ts'

t.test('a key costs a reservation no statement of its own', async (t) => {
  const database = await createTestDatabase(t)
  let sent: string[] = []
  const { reservations } = startEngine(t, database.url, {
    rewrite: (sql) => {
      sent.push(sql)
      return sql
    },
  })
  /** The statements that the work sends, each by what it is told by. */
  const statementsOf = async (work: () => Promise<unknown>): Promise<string[]> => {
    sent = []
    await work()
    const marks = ['FOR UPDATE', 'INTO bookings', 'FROM idempotency_keys', 'INTO idempotency_keys']
    return sent.map((sql) => marks.filter((mark) => sql.includes(mark)).join(', ') || sql)
  }
  const eventId = await createEvent(database.pool, 10)

  t.same(await statementsOf(() => reservations.execute(plainReserve(eventId, 'ann'))), [
    ...['BEGIN', 'FOR UPDATE', 'INTO bookings', 'COMMIT'],
  ])
  const keyed = ['FOR UPDATE, FROM idempotency_keys', 'INTO bookings, INTO idempotency_keys']
  const reserveTwo = (): Promise<unknown> =>
    Promise.all([
      reservations.execute(plainReserve(eventId, 'bob'), underKey('bob')),
      reservations.execute(plainReserve(eventId, 'cid', { hold: true }), underKey('cid')),
    ])
  t.same(await statementsOf(reserveTwo), ['BEGIN', ...keyed, 'COMMIT'])
  t.same(await statementsOf(reserveTwo), ['BEGIN', keyed[0], 'COMMIT'], 'replayed')
})

t.test('a success that changes nothing is stored as well', async (t) => {
  const database = await createTestDatabase(t)
  const { reservations } = startEngine(t, database.url)
  const eventId = await createEvent(database.pool, 10)
  const { id } = bookingOf(await reservations.execute(plainReserve(eventId, 'ann')))
  const first = await reservations.execute(confirm(eventId, id), underKey('k'))
  t.ok(hasSucceeded(first) && !isReplayed(first))
  const again = await reservations.execute(confirm(eventId, id), underKey('k'))
  t.same(again, { ...first, isReplayed: true })
})
