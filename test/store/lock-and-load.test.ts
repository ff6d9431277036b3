import t from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import type { Executed } from '../../src/engine/submission.ts'
import { Prisma } from '../../src/generated/prisma/client.ts'
import { lockAndLoad } from '../../src/store/lock-and-load.ts'
import type { Sql } from '../../src/store/rows.ts'
import {
  asked,
  cancel,
  cancelOfUser,
  changeEvent,
  confirm,
  extend,
  leaveWaitlist,
  plainReserve,
  resize,
  settle,
  type ReserveOptions,
} from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { bookingOf, entryOf, hasSucceeded, refusalOf } from '../helpers/outcomes.ts'
import { createEvent } from '../helpers/race.ts'
import { lockEvent, untilBlocked } from '../helpers/sessions.ts'

/** Runs `between` when the statement has begun, and sees what it will see, and has locked nothing. */
function heldUp(tx: Sql, between: () => Promise<unknown>): Sql {
  const $queryRaw = async (strings: TemplateStringsArray, ...values: unknown[]) => {
    await tx.$executeRaw`DECLARE held_up CURSOR FOR ${Prisma.sql(strings, ...values)}`
    await between()
    return tx.$queryRaw`FETCH held_up`
  }
  return { $executeRaw: tx.$executeRaw.bind(tx), $queryRaw: $queryRaw as Sql['$queryRaw'] }
}

t.test('what changes before a statement has its locks makes what it reads stale', async (t) => {
  const database = await createTestDatabase(t)
  const { prisma } = startEngine(t, database.url)
  const eventId = await createEvent(database.pool, 10)
  const commands = [plainReserve(eventId, 'ann'), plainReserve(eventId, 'bob')]
  const bookAnn = 'INSERT INTO bookings (event_id, user_id) VALUES ($1, $2)'

  await prisma.$transaction(async (tx) => {
    const overtaken = heldUp(tx, () => database.pool.query(bookAnn, [eventId, 'ann']))
    const first = await lockAndLoad(overtaken, asked(eventId), commands)
    t.equal(first.isStale, true)
    t.equal(first.events[0]?.taken, 1, 'the row that is locked is the newest one')
    t.notOk(first.bookedUsers.get(eventId)?.has('ann'), 'while the rest is of before')

    const second = await lockAndLoad(tx, asked(eventId), commands)
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
  t.equal(refusalOf(await answer), 'already_booked')
})

t.test('an event that nobody else touches is read once, and is not stale', async (t) => {
  const database = await createTestDatabase(t)
  const { prisma, reservations } = startEngine(t, database.url)
  const eventId = await createEvent(database.pool, 10)
  await reservations.execute(plainReserve(eventId, 'ann'))
  const commands = [plainReserve(eventId, 'ann'), plainReserve(eventId, 'bob')]
  const loaded = await prisma.$transaction((tx) => lockAndLoad(tx, asked(eventId), commands))
  t.match(loaded, { isStale: false, events: [{ id: eventId, taken: 1, last_sequence: 1 }] })
  t.same([...(loaded.bookedUsers.get(eventId) ?? [])], ['ann'])
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
  const changes = async (name: string, command: Command): Promise<Executed> => {
    const before = await stateOf()
    const answer = await reservations.execute(command)
    const after = await stateOf()
    t.ok(hasSucceeded(answer), `${name} is done`)
    t.not(after.sequence, before.sequence, `${name} changes the event`)
    t.not(after.version, before.version, `${name} is seen in its row`)
    return answer
  }
  const reserve = async (name: string, user: string, options?: ReserveOptions): Promise<number> =>
    bookingOf(await changes(name, plainReserve(eventId, user, options))).id
  const wait = async (name: string, user: string): Promise<number> =>
    entryOf(await changes(name, plainReserve(eventId, user, { waitlist: true }))).id

  const ann = await reserve('book', 'ann')
  const bob = await reserve('hold', 'bob', { hold: true })
  await changes('extend', extend(eventId, bob))
  await changes('confirm', confirm(eventId, bob))
  const cid = await wait('wait', 'cid')
  await changes('leave', leaveWaitlist(eventId, cid))
  await changes('cancel', cancel(eventId, ann))
  await reserve('book anew', 'ann')
  await changes('cancel of a user', cancelOfUser(eventId, 'ann'))
  await changes('resize', resize(eventId, bob, 2))
  await changes('capacity', changeEvent(eventId, { totalSeats: 3 }))

  await reserve('book the last', 'dee')
  await wait('wait for one', 'eve')
  await changes('shrink, which promotes', resize(eventId, bob, 1))
  await changes('more capacity', changeEvent(eventId, { totalSeats: 4 }))
  const fay = await reserve('hold again', 'fay', { hold: true })
  await pool.query('UPDATE bookings SET expires_at = now() WHERE id = $1', [fay])
  await changes('settle', settle(eventId))

  await changes('rename', changeEvent(eventId, { name: 'Another' }))
})
