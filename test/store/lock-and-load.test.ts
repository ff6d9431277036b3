import t from 'tap'
import type { Command, Outcome } from '../../src/domain/commands.ts'
import { lockAndLoad } from '../../src/store/lock-and-load.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { plainReserve } from '../helpers/engine.ts'
import { startEngine } from '../helpers/fault-engine.ts'
import { createEvent } from '../helpers/race.ts'
import { lockEvent, untilBlocked } from '../helpers/sessions.ts'

t.test('what is read while a lock is waited for is known to be stale', async (t) => {
  const database = await createTestDatabase(t)
  const { prisma } = startEngine(t, database.url)
  const eventId = await createEvent(database.pool, 10)
  const commands = [plainReserve(eventId, 'ann'), plainReserve(eventId, 'bob')]
  const holder = await lockEvent(t, database, eventId)

  await prisma.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT set_config('lock_timeout', '5s', true)`
    const waiting = lockAndLoad(tx, [eventId], commands, 'wait')
    await untilBlocked(database.pool, holder)
    await holder.query('INSERT INTO bookings (event_id, user_id) VALUES ($1, $2)', [eventId, 'ann'])
    await holder.query('COMMIT')

    const first = await waiting
    t.equal(first.isStale, true)
    t.equal(first.events[0]?.taken, 1, 'the row that is locked is the newest one')
    t.notOk(first.bookedUsers.get(eventId)?.has('ann'), 'while the rest is of before')

    const second = await lockAndLoad(tx, [eventId], commands, 'wait')
    t.equal(second.isStale, false)
    t.same([...(second.bookedUsers.get(eventId) ?? [])], ['ann'])
    t.ok(second.now >= first.now)
  })
})

t.test('who waited for a lock is decided on what its holder has left', async (t) => {
  const database = await createTestDatabase(t)
  const { reservations } = startEngine(t, database.url)
  const eventId = await createEvent(database.pool, 10)
  const holder = await lockEvent(t, database, eventId)
  const answer = reservations.execute(plainReserve(eventId, 'ann'))
  await untilBlocked(database.pool, holder)
  await holder.query('INSERT INTO bookings (event_id, user_id) VALUES ($1, $2)', [eventId, 'ann'])
  await holder.query('COMMIT')
  t.match(await answer, { outcome: { ok: false, refusal: 'already_booked' } })
})

t.test('an event that nobody else touches is read once, and is not stale', async (t) => {
  const database = await createTestDatabase(t)
  const { prisma, reservations } = startEngine(t, database.url)
  const eventId = await createEvent(database.pool, 10)
  await reservations.execute(plainReserve(eventId, 'ann'))
  for (const mode of ['skip', 'wait'] as const) {
    const commands = [plainReserve(eventId, 'ann'), plainReserve(eventId, 'bob')]
    const loaded = await prisma.$transaction((tx) => lockAndLoad(tx, [eventId], commands, mode))
    t.match(loaded, { isStale: false, events: [{ id: eventId, taken: 1, last_sequence: 1 }] })
    t.same([...(loaded.bookedUsers.get(eventId) ?? [])], ['ann'])
    t.equal(loaded.bookingIds.length, 2, 'an id for each that may be booked')
  }
})

t.test('whatever changes an event leaves a new version of its row', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { reservations } = startEngine(t, url)
  const eventId = await createEvent(pool, 2)
  await pool.query('UPDATE events SET max_seats_per_booking = 2 WHERE id = $1', [eventId])

  const stateOf = async (): Promise<{ version: string; sequence: number }> => {
    const { rows } = await pool.query<{ version: string; sequence: number }>(
      `SELECT ctid::text AS version,
         (SELECT max(last_sequence) FROM event_history WHERE event_id = id) AS sequence
       FROM events WHERE id = $1`,
      [eventId],
    )
    return rows[0] ?? { version: '', sequence: 0 }
  }
  const changes = async (name: string, command: Command): Promise<Outcome & { ok: true }> => {
    const before = await stateOf()
    const answer = await reservations.execute(command)
    const after = await stateOf()
    if (answer.kind !== 'decided' || !answer.outcome.ok) throw new Error(`${name} was refused`)
    t.not(after.sequence, before.sequence, `${name} changes the event`)
    t.not(after.version, before.version, `${name} is seen in its row`)
    return answer.outcome
  }
  const idOf = ({ result }: Outcome & { ok: true }): number => {
    if (result.kind === 'booking') return result.booking.id
    return result.kind === 'waiting' ? result.entry.id : 0
  }

  const of = { eventId, requestId: null }
  const ann = idOf(await changes('book', plainReserve(eventId, 'ann')))
  const bob = idOf(await changes('hold', plainReserve(eventId, 'bob', { hold: true })))
  await changes('extend', { ...of, type: 'extend', bookingId: bob })
  await changes('confirm', { ...of, type: 'confirm', bookingId: bob })
  const cid = idOf(await changes('wait', plainReserve(eventId, 'cid', { waitlist: true })))
  await changes('leave', { ...of, type: 'leave_waitlist', entryId: cid })
  await changes('cancel', { ...of, type: 'cancel', bookingId: ann })
  await changes('resize', { ...of, type: 'resize', bookingId: bob, seats: 2 })
  const isExpected = (): boolean => true
  await changes('capacity', { ...of, type: 'change_event', changes: { totalSeats: 3 }, isExpected })

  await changes('book the last', plainReserve(eventId, 'dee'))
  await changes('wait for one', plainReserve(eventId, 'eve', { waitlist: true }))
  await changes('shrink, which promotes', { ...of, type: 'resize', bookingId: bob, seats: 1 })
  await changes('more capacity', {
    ...of,
    type: 'change_event',
    changes: { totalSeats: 4 },
    isExpected,
  })
  const fay = idOf(await changes('hold again', plainReserve(eventId, 'fay', { hold: true })))
  await pool.query('UPDATE bookings SET expires_at = now() WHERE id = $1', [fay])
  await changes('sweep', { ...of, type: 'sweep' })

  const before = await stateOf()
  const changed = { ...of, type: 'change_event', changes: { name: 'Another' }, isExpected } as const
  await reservations.execute(changed)
  t.not((await stateOf()).version, before.version, 'settings, of which there is no history')
})
