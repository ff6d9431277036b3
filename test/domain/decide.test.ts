import t from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import { decide } from '../../src/domain/decide.ts'
import { plainReserve } from '../helpers/engine.ts'
import { decideOn, inSeconds, NOW, stateOf } from '../helpers/state.ts'

// The rules of a single booking's life. What is about the waitlist and the event itself stands in
// decide-waitlist.test.ts and decide-event.test.ts.

const of = { eventId: 1, requestId: null }
const reserve = (userId: string, more: Parameters<typeof plainReserve>[2] = {}): Command =>
  plainReserve(1, userId, more)
const confirm = (bookingId: number): Command => ({ ...of, type: 'confirm', bookingId })
const extend = (bookingId: number): Command => ({ ...of, type: 'extend', bookingId })
const cancel = (bookingId: number): Command => ({ ...of, type: 'cancel', bookingId })
const resize = (bookingId: number, seats: number): Command => {
  return { ...of, type: 'resize', bookingId, seats }
}

t.test('a seat is taken, with an id and the time of the state', async (t) => {
  const { outcomes, changes } = decideOn({}, [reserve('ann')])
  const booking = {
    ...{ id: 101, eventId: 1, userId: 'ann', seats: 1, status: 'confirmed' },
    ...{ expiresAt: null, createdAt: NOW },
  }
  t.same(outcomes, [{ ok: true, result: { kind: 'booking', booking } }])
  t.same(changes.newBookings, [booking])
  t.equal(changes.history.firstSequence, 8, 'the history goes on')
})

t.test('a hold ends after the time that the event sets', async (t) => {
  const { changes, told } = decideOn({ settings: { holdSeconds: 60 } }, [
    reserve('ann', { hold: true, seats: 2 }),
  ])
  t.match(changes.newBookings, [{ status: 'held', seats: 2, expiresAt: inSeconds(60) }])
  t.same(told, ['held ann 2'])
})

t.test('what a reservation is refused for, in this order', async (t) => {
  const closed = { salesStartAt: inSeconds(1), totalSeats: 1, maxSeatsPerBooking: 2 }
  const given = { settings: closed, bookings: [{ userId: 'ann' }] }
  const commands = [reserve('ann', { seats: 3 }), reserve('ann'), reserve('bob')]
  t.same(decideOn(given, commands).verdicts, ['too_many_seats', 'already_booked', 'sales_not_open'])
  t.same(decideOn({ settings: { totalSeats: 0 } }, [reserve('bob')]).verdicts, ['sold_out'])
  t.same(decide(stateOf({}), [{ ...reserve('bob'), eventId: 2 }]).outcomes, [
    { ok: false, refusal: 'event_not_found' },
  ])
})

t.test('the sales window: from its start on, until before its end', async (t) => {
  const verdict = (settings: object) => decideOn({ settings }, [reserve('ann')]).verdicts[0]
  t.equal(verdict({ salesStartAt: inSeconds(0.001) }), 'sales_not_open')
  t.equal(verdict({ salesStartAt: NOW, salesEndAt: inSeconds(0.001) }), true)
  t.equal(verdict({ salesEndAt: NOW }), 'sales_closed')
})

t.test('all of the seats or none', async (t) => {
  const given = { settings: { totalSeats: 3 }, bookings: [{ userId: 'ann', seats: 2 }] }
  const { outcomes, verdicts } = decideOn(given, [
    reserve('bob', { seats: 2 }),
    reserve('bob', { seats: 5 }),
    reserve('bob'),
  ])
  t.same(verdicts, ['sold_out', 'too_many_seats', true])
  t.match(outcomes[1], { figure: 4 }, 'the maximum is named')
})

t.test('each command is decided against what the earlier ones leave', async (t) => {
  const users = ['ann', 'ann', 'bob', 'cid']
  const { verdicts, told } = decideOn(
    { settings: { totalSeats: 2 } },
    users.map((user) => reserve(user)),
  )
  t.same(verdicts, [true, 'already_booked', true, 'sold_out'])
  t.same(told, ['booked ann 1', 'booked bob 1'])
})

t.test('a hold is gone at the very instant of its expiry, not before', async (t) => {
  const at = (expiresAt: Date) => ({
    settings: { totalSeats: 1 },
    bookings: [{ userId: 'ann', expiresAt }],
  })
  t.same(decideOn(at(inSeconds(0.001)), [reserve('bob')]).verdicts, ['sold_out'])
  t.same(decideOn(at(inSeconds(0.001)), [reserve('ann')]).verdicts, ['already_booked'])
  t.same(decideOn(at(NOW), [reserve('bob')]).verdicts, [true], 'its seat is free')
  const { verdicts, changes, told } = decideOn(at(NOW), [reserve('ann')])
  t.same(verdicts, [true], 'its user is free')
  t.same([changes.removedBookingIds, changes.expiredBookingIds], [[1], [1]])
  t.same(told, ['expired ann 0', 'booked ann 1'])
})

t.test('a sweep does no more than every command does first', async (t) => {
  const given = { bookings: [{ userId: 'ann', expiresAt: NOW }] }
  const { verdicts, told } = decideOn(given, [{ ...of, type: 'sweep' }])
  t.same([verdicts, told], [[true], ['expired ann 0']])
})

t.test('a held booking is confirmed, again is the same, after expiry it is late', async (t) => {
  const held = { bookings: [{ userId: 'ann', expiresAt: inSeconds(1) }] }
  const { outcomes, told } = decideOn(held, [confirm(1), confirm(1)])
  t.match(outcomes[0], { result: { booking: { status: 'confirmed', expiresAt: null } } })
  t.same(outcomes[1], outcomes[0])
  t.same(told, ['confirmed ann 1'], 'once')
  const late = { bookings: [{ userId: 'ann', expiresAt: NOW }] }
  t.same(decideOn(late, [confirm(1), extend(1)]).verdicts, ['hold_expired', 'hold_expired'])
  const swept = { expiredBookingIds: [5] }
  t.same(decideOn(swept, [confirm(5), extend(5)]).verdicts, ['hold_expired', 'hold_expired'])
  t.same(decideOn({}, [confirm(5), extend(5)]).verdicts, Array(2).fill('booking_not_found'))
})

t.test('a hold is extended from now on, up to four times its time in total', async (t) => {
  const extended = (createdAt: Date, expiresAt: Date) =>
    decideOn(
      { settings: { holdSeconds: 100 }, bookings: [{ userId: 'ann', createdAt, expiresAt }] },
      [extend(1)],
    )
  const early = extended(inSeconds(-50), inSeconds(50))
  t.match(early.changes.updatedBookings, [{ id: 1, expiresAt: inSeconds(100) }])
  const late = extended(inSeconds(-350), inSeconds(10))
  t.match(late.changes.updatedBookings, [{ id: 1, expiresAt: inSeconds(50) }], 'no further')
  const last = extended(inSeconds(-350), inSeconds(50))
  t.same([last.verdicts, last.told], [['hold_limit_reached'], []])
  const twice = extended(inSeconds(0), inSeconds(100))
  t.same([twice.verdicts, twice.told], [[true], []], 'as long as it can be for now')
  t.same(decideOn({ bookings: [{ userId: 'ann' }] }, [extend(1)]).verdicts, ['not_held'])
})

t.test('a booking is cancelled or released, once', async (t) => {
  const given = { bookings: [{ userId: 'ann' }, { userId: 'bob', expiresAt: inSeconds(1) }] }
  const { verdicts, told, changes } = decideOn(given, [cancel(1), cancel(2), cancel(1), cancel(9)])
  t.same(verdicts, [true, true, 'booking_not_found', 'booking_not_found'])
  t.same(told, ['cancelled ann 0', 'released bob 0'])
  t.same(changes.removedBookingIds, [1, 2])
  t.same(decideOn(given, [cancel(1), reserve('ann')]).verdicts, [true, true], 'and made anew')
})

t.test('a booking grows where there is room, and shrinks', async (t) => {
  const given = {
    settings: { totalSeats: 5 },
    bookings: [{ userId: 'ann', seats: 2 }, { userId: 'bob' }],
  }
  t.same(decideOn(given, [resize(1, 4), resize(2, 2), resize(2, 1)]).verdicts, [
    true,
    'sold_out',
    true,
  ])
  t.same(decideOn(given, [resize(1, 1), resize(2, 4)]).verdicts, [true, true])
  t.same(decideOn(given, [resize(1, 5), resize(9, 1)]).verdicts, [
    'too_many_seats',
    'booking_not_found',
  ])
  t.same(decideOn(given, [resize(1, 2)]).told, [], 'to what it is: nothing happens')
  const tight = { ...given, settings: { maxSeatsPerBooking: 1 } }
  t.same(decideOn(tight, [resize(1, 2)]).verdicts, [true], 'a maximum that was lowered later')
})

t.test('an id that this batch gives away cannot be named yet', async (t) => {
  t.same(decideOn({}, [reserve('ann'), cancel(101)]).verdicts, [true, 'booking_not_found'])
})

t.test('refuses to go on without an id', async (t) => {
  t.throws(() => decide({ ...stateOf({}), bookingIds: [] }, [reserve('ann')]), RangeError)
})
