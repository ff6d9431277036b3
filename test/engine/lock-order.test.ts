import t from 'tap'
import { createEventCommand, plainReserve } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { hasSucceeded, refusalOf, underKey } from '../helpers/outcomes.ts'
import { createEvent } from '../helpers/race.ts'

// The lock order: keys of commands without an event, and then events. What joins a batch that has
// locked its events must bring no such key.

/** An event that is not there: under a key, the batch looks again, with what has come meanwhile. */
const MISSING = 2_000_000_000

t.test('no command without an event joins a batch that holds events', async (t) => {
  const database = await createTestDatabase(t)
  const eventId = await createEvent(database.pool, 10)
  let onLock = (): void => undefined
  const { reservations, batches } = startEngine(t, database.url, {
    environment: { LANES: '1' },
    rewrite: (sql) => {
      if (sql.includes('FOR UPDATE SKIP LOCKED')) onLock()
      return sql
    },
  })
  const create = (key: string) => reservations.execute(createEventCommand(), underKey(key))
  const reserve = (id: number, user: string) =>
    reservations.execute(plainReserve(id, user), underKey(user))

  const late = new Promise<unknown[]>((resolve) => {
    onLock = () => {
      onLock = () => undefined
      resolve(Promise.all([create('second'), reserve(eventId, 'bob')]))
    }
  })
  const [created, booked, missed] = await Promise.all([
    create('first'),
    reserve(eventId, 'ann'),
    reserve(MISSING, 'cid'),
  ])
  await late
  t.ok(hasSucceeded(created) && hasSucceeded(booked))
  t.equal(refusalOf(missed), 'event_not_found')
  t.same(
    batches.map(({ size }) => size),
    [4, 1],
    'the reservation joins, and the event that is made does not',
  )
})
