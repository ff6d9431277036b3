import t from 'tap'
import type { Command, EventSettings } from '../../src/domain/commands.ts'
import { plainReserve } from '../helpers/engine.ts'
import { decideOn, inSeconds, NOW } from '../helpers/state.ts'

// What can be done to an event itself.

const of = { eventId: 1, requestId: null }
const change = (changes: Partial<EventSettings>, isExpected = true): Command => {
  return { ...of, type: 'change_event', changes, isExpected: () => isExpected }
}
const remove = (force: boolean, isExpected = true): Command => {
  return { ...of, type: 'delete_event', force, isExpected: () => isExpected }
}

const given = {
  bookings: [
    { userId: 'ann', seats: 2 },
    { userId: 'bob', expiresAt: inSeconds(1) },
    { userId: 'cid', expiresAt: NOW },
  ],
}

t.test('a change shows the event as it is then: an expired hold takes no seat', async (t) => {
  const { outcomes, changes, told } = decideOn(given, [change({ name: 'New' })])
  t.match(outcomes, [
    {
      ok: true,
      result: {
        event: {
          ...{ id: 1, name: 'New', totalSeats: 4 },
          ...{ bookedSeats: 2, heldSeats: 1, waitlistLength: 0 },
        },
      },
    },
  ])
  t.match(changes.settings, { name: 'New', totalSeats: 4 })
  t.same(told, ['expired cid 0'], 'the history tells of seats alone')
})

t.test('the capacity is never below what is taken', async (t) => {
  const { outcomes, told, changes } = decideOn(given, [
    change({ totalSeats: 2 }),
    change({ totalSeats: 3 }),
  ])
  t.same(outcomes[0], { ok: false, refusal: 'capacity_below_taken', figure: 3 })
  t.same(told, ['expired cid 0', 'capacity_changed 3'])
  t.equal(changes.settings?.totalSeats, 3)
})

t.test('an event that is not as expected is left alone', async (t) => {
  const { verdicts, changes } = decideOn({}, [change({ name: 'New' }, false), remove(true, false)])
  t.same(verdicts, ['event_changed', 'event_changed'])
  t.same([changes.settings, changes.isDeleted], [null, false])
})

t.test('an event is deleted with its bookings only by force', async (t) => {
  const { verdicts, changes, told } = decideOn(given, [
    remove(false),
    remove(true),
    plainReserve(1, 'dee'),
    { ...of, type: 'cancel', bookingId: 1 },
    { ...of, type: 'leave_waitlist', entryId: 11 },
  ])
  t.same(verdicts, [
    'event_has_bookings',
    true,
    'event_not_found',
    'booking_not_found',
    'waitlist_entry_not_found',
  ])
  t.equal(changes.isDeleted, true)
  t.same(told, ['expired cid 0', 'event_deleted 0'])
})

t.test('an expired hold does not keep an event', async (t) => {
  const { verdicts } = decideOn({ bookings: [{ userId: 'cid', expiresAt: NOW }] }, [remove(false)])
  t.same(verdicts, [true])
})

t.test('the capacity is never below what the largest party in line waits for', async (t) => {
  const { outcomes, told } = decideOn(
    { settings: { totalSeats: 10 }, bookings: [{ userId: 'ann', seats: 5 }], line: [['bob', 8]] },
    [change({ totalSeats: 7 }), change({ totalSeats: 8 })],
  )
  t.same(outcomes[0], { ok: false, refusal: 'capacity_below_waiting', figure: 8 })
  t.same(told, ['capacity_changed 8'])
})
