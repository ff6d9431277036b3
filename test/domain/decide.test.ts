import t from 'tap'
import { decide } from '../../src/domain/decide/decide.ts'
import {
  asCaller,
  cancel,
  cancelOfUser,
  confirm,
  extend,
  plainReserve,
  resize,
  type ReserveOptions,
} from '../helpers/commands.ts'
import { bookingOf } from '../helpers/outcomes.ts'
import { decidedAs, decideOn, inSeconds, NOW, stateOf } from '../helpers/state.ts'

// The rules of a single booking's life. What is about the waitlist and the event itself stands in
// decide-waitlist.test.ts and decide-event.test.ts, about several commands in decide-batch.test.ts.

const reserve = (userId: string, more: ReserveOptions = {}) => plainReserve(1, userId, more)

t.test('a seat is taken, at the time of the state, with an id for this batch', async (t) => {
  const { verdicts, event, facts } = decideOn({}, [reserve('ann')])
  const booking = {
    ...{ id: -1, eventId: 1, userId: 'ann', seats: 1, status: 'confirmed' },
    ...{ lines: null, expiresAt: null, createdAt: NOW },
  }
  t.same(verdicts, [{ kind: 'booking', booking }])
  t.same([...event.bookings.values()], [booking])
  t.equal(facts[0]?.sequence, 8, 'the history goes on')
})

t.test('a hold ends after the time that the event sets', async (t) => {
  const { event, told } = decideOn({ settings: { holdSeconds: 60 } }, [
    reserve('ann', { hold: true, seats: 2 }),
  ])
  t.match([...event.bookings.values()], [{ status: 'held', seats: 2, expiresAt: inSeconds(60) }])
  t.same(told, ['held ann 2'])
})

t.test('what a reservation is refused for, in this order', async (t) => {
  const closed = { salesStartAt: inSeconds(1), totalSeats: 1, maxSeatsPerBooking: 2 }
  const given = { settings: closed, bookings: [{ userId: 'ann' }] }
  const commands = [reserve('ann', { seats: 3 }), reserve('ann'), reserve('bob')]
  t.same(decideOn(given, commands).words, ['too_many_seats', 'already_booked', 'sales_not_open'])
  t.same(decideOn({ settings: { totalSeats: 0 } }, [reserve('bob')]).words, ['sold_out'])
  t.same(decide(stateOf({}), [{ ...reserve('bob'), eventId: 2 }]).verdicts, [
    { kind: 'refused', refusal: 'event_not_found' },
  ])
})

t.test('the sales window: from its start on, until before its end', async (t) => {
  const verdict = (settings: object) => decideOn({ settings }, [reserve('ann')]).words[0]
  t.equal(verdict({ salesStartAt: inSeconds(0.001) }), 'sales_not_open')
  t.equal(verdict({ salesStartAt: NOW, salesEndAt: inSeconds(0.001) }), 'booking')
  t.equal(verdict({ salesEndAt: NOW }), 'sales_closed')
})

t.test('all of the seats or none', async (t) => {
  const given = { settings: { totalSeats: 3 }, bookings: [{ userId: 'ann', seats: 2 }] }
  const { verdicts, words } = decideOn(given, [
    reserve('bob', { seats: 2 }),
    reserve('bob', { seats: 5 }),
    reserve('bob'),
  ])
  t.same(words, ['sold_out', 'too_many_seats', 'booking'])
  t.match(verdicts[1], { limit: 4 }, 'the maximum is named')
})

t.test('a hold is gone at the very instant of its expiry, not before', async (t) => {
  const at = (expiresAt: Date) => ({
    settings: { totalSeats: 1 },
    bookings: [{ userId: 'ann', expiresAt }],
  })
  t.same(decideOn(at(inSeconds(0.001)), [reserve('bob')]).words, ['sold_out'])
  t.same(decideOn(at(inSeconds(0.001)), [reserve('ann')]).words, ['already_booked'])
  t.same(decideOn(at(NOW), [reserve('bob')]).words, ['booking'], 'its seat is free')
  const { words, event, told } = decideOn(at(NOW), [reserve('ann')])
  t.same(words, ['booking'], 'its user is free')
  t.same([[...event.bookings.keys()], [...event.expiredHolds.keys()]], [[-1], [1]])
  t.same(told, ['expired ann 0', 'booked ann 1'])
})

t.test('a held booking is confirmed, again is the same, after expiry it is late', async (t) => {
  const held = { bookings: [{ userId: 'ann', expiresAt: inSeconds(1) }] }
  const decided = decideOn(held, [confirm(1, 1), confirm(1, 1)])
  t.match(bookingOf(decidedAs(decided)), { id: 1, status: 'confirmed', expiresAt: null })
  t.same(decided.verdicts[1], decided.verdicts[0])
  t.same(decided.told, ['confirmed ann 1'], 'once')
  const late = { bookings: [{ userId: 'ann', expiresAt: NOW }] }
  t.same(decideOn(late, [confirm(1, 1), extend(1, 1)]).words, ['hold_expired', 'hold_expired'])
  const swept = { expiredHolds: [[5, 'ann']] as const }
  t.same(decideOn(swept, [confirm(1, 5), extend(1, 5)]).words, ['hold_expired', 'hold_expired'])
  t.same(decideOn({}, [confirm(1, 5), extend(1, 5)]).words, Array(2).fill('booking_not_found'))
})

t.test('a hold is extended from now on, up to four times its time in total', async (t) => {
  const extended = (createdAt: Date, expiresAt: Date) =>
    decideOn(
      { settings: { holdSeconds: 100 }, bookings: [{ userId: 'ann', createdAt, expiresAt }] },
      [extend(1, 1)],
    )
  const early = extended(inSeconds(-50), inSeconds(50))
  t.match(early.event.bookings.get(1), { id: 1, expiresAt: inSeconds(100) })
  const late = extended(inSeconds(-350), inSeconds(10))
  t.match(late.event.bookings.get(1), { id: 1, expiresAt: inSeconds(50) }, 'no further')
  const last = extended(inSeconds(-350), inSeconds(50))
  t.same([last.words, last.told], [['hold_limit_reached'], []])
  const twice = extended(inSeconds(0), inSeconds(100))
  t.same([twice.words, twice.told], [['booking'], []], 'as long as it can be for now')
  t.same(decideOn({ bookings: [{ userId: 'ann' }] }, [extend(1, 1)]).words, ['not_held'])
})

t.test('a booking is cancelled or released, once', async (t) => {
  const given = { bookings: [{ userId: 'ann' }, { userId: 'bob', expiresAt: inSeconds(1) }] }
  const { words, told, event } = decideOn(given, [
    cancel(1, 1),
    cancel(1, 2),
    cancel(1, 1),
    cancel(1, 9),
  ])
  t.same(words, ['done', 'done', 'booking_not_found', 'booking_not_found'])
  t.same(told, ['cancelled ann 0', 'released bob 0'])
  t.equal(event.bookings.size, 0)
  t.same(
    decideOn(given, [cancel(1, 1), reserve('ann')]).words,
    ['done', 'booking'],
    'and made anew',
  )
})

t.test("a user's booking is cancelled or released, whichever it is by then", async (t) => {
  const given = { bookings: [{ userId: 'ann' }, { userId: 'bob', expiresAt: inSeconds(1) }] }
  const { words, told } = decideOn(given, [
    cancelOfUser(1, 'ann'),
    cancelOfUser(1, 'bob'),
    cancelOfUser(1, 'ann'),
    reserve('ann', { seats: 2 }),
    cancelOfUser(1, 'ann'),
    cancelOfUser(1, 'nobody'),
  ])
  t.same(words, ['done', 'done', 'booking_not_found', 'booking', 'done', 'booking_not_found'])
  t.same(told, ['cancelled ann 0', 'released bob 0', 'booked ann 2', 'cancelled ann 0'])
  const expired = { bookings: [{ userId: 'ann', expiresAt: inSeconds(0) }] }
  const late = decideOn(expired, [cancelOfUser(1, 'ann')])
  t.same([late.words, late.told], [['booking_not_found'], ['expired ann 0']])
  const bob = asCaller({ userId: 'bob' }, cancelOfUser(1, 'ann'))
  t.same(decideOn(given, [bob]).words, ['user_mismatch'])
  t.same(decideOn(given, [cancelOfUser(9, 'ann')]).words, ['booking_not_found'], 'no such event')
})

t.test('a booking grows where there is room, and shrinks', async (t) => {
  const given = {
    settings: { totalSeats: 5 },
    bookings: [{ userId: 'ann', seats: 2 }, { userId: 'bob' }],
  }
  t.same(decideOn(given, [resize(1, 1, 4), resize(1, 2, 2), resize(1, 2, 1)]).words, [
    'booking',
    'sold_out',
    'booking',
  ])
  t.same(decideOn(given, [resize(1, 1, 1), resize(1, 2, 4)]).words, ['booking', 'booking'])
  t.same(decideOn(given, [resize(1, 1, 5), resize(1, 9, 1)]).words, [
    'too_many_seats',
    'booking_not_found',
  ])
  t.same(decideOn(given, [resize(1, 1, 2)]).told, [], 'to what it is: nothing happens')
  const tight = { ...given, settings: { maxSeatsPerBooking: 1 } }
  t.same(decideOn(tight, [resize(1, 1, 2)]).words, ['booking'], 'a maximum that was lowered later')
})
