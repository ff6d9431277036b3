import t from 'tap'
import { DEFAULT_TENANT } from '../../src/domain/access.ts'
import {
  cancel,
  changeEvent,
  deleteEvent,
  leaveWaitlist,
  plainReserve,
} from '../helpers/commands.ts'
import { eventOf } from '../helpers/outcomes.ts'
import { decidedAs, decideOn, inSeconds, NOW } from '../helpers/state.ts'

// What can be done to an event itself; making one stands in create-event.test.ts.

const given = {
  bookings: [
    { userId: 'ann', seats: 2 },
    { userId: 'bob', expiresAt: inSeconds(1) },
    { userId: 'cid', expiresAt: NOW },
  ],
}

t.test('a change shows the event as it is then: an expired hold takes no seat', async (t) => {
  const decided = decideOn(given, [changeEvent(1, { name: 'New' })])
  t.match(eventOf(decidedAs(decided)), {
    ...{ id: 1, name: 'New', totalSeats: 4 },
    ...{ bookedSeats: 2, heldSeats: 1, waitlistLength: 0 },
  })
  t.match(decided.event.settings, { name: 'New', totalSeats: 4 })
  t.same(decided.told, ['expired cid 0', 'settings_changed name'])
})

t.test('the capacity is never below what is taken', async (t) => {
  const { verdicts, told, event } = decideOn(given, [
    changeEvent(1, { totalSeats: 2 }),
    changeEvent(1, { totalSeats: 3 }),
  ])
  const details = { pool: null }
  t.same(verdicts[0], { kind: 'refused', refusal: 'capacity_below_taken', limit: 3, details })
  t.same(told, ['expired cid 0', 'capacity_changed 3'])
  t.equal(event.settings.totalSeats, 3)
})

t.test('an event that is not as expected is left alone', async (t) => {
  const { words, facts, event } = decideOn({}, [
    changeEvent(1, { name: 'New' }, { isExpected: false }),
    deleteEvent(1, { force: true, isExpected: false }),
  ])
  t.same(words, ['event_changed', 'event_changed'])
  t.same([facts, event.settings.name, event.isDeleted], [[], 'Event', false])
})

t.test('an event is deleted with its bookings only by force', async (t) => {
  const { words, event, told } = decideOn(given, [
    deleteEvent(1),
    deleteEvent(1, { force: true }),
    plainReserve(1, 'dee'),
    cancel(1, 1),
    leaveWaitlist(1, 11),
  ])
  t.same(words, [
    'event_has_bookings',
    'done',
    'event_not_found',
    'booking_not_found',
    'waitlist_entry_not_found',
  ])
  t.equal(event.isDeleted, true)
  t.same(told, ['expired cid 0', 'event_deleted 0'])
})

t.test('an expired hold does not keep an event', async (t) => {
  const expired = { bookings: [{ userId: 'cid', expiresAt: NOW }] }
  t.same(decideOn(expired, [deleteEvent(1)]).words, ['done'])
})

t.test('the capacity is never below what the largest party in line waits for', async (t) => {
  const { verdicts, told } = decideOn(
    { settings: { totalSeats: 10 }, bookings: [{ userId: 'ann', seats: 5 }], line: [['bob', 8]] },
    [changeEvent(1, { totalSeats: 7 }), changeEvent(1, { totalSeats: 8 })],
  )
  const details = { pool: null }
  t.same(verdicts[0], { kind: 'refused', refusal: 'capacity_below_waiting', limit: 8, details })
  t.same(told, ['capacity_changed 8'])
})

t.test('a change is told with what really changed', async (t) => {
  const { facts, words } = decideOn({ settings: { metadata: { hall: 1 } } }, [
    changeEvent(1, { name: 'New', holdSeconds: 600, metadata: { hall: 2 } }),
    changeEvent(1, { name: 'Newer', totalSeats: 6, startsAt: NOW }),
  ])
  t.same(words, ['event', 'event'])
  const stamp = { eventId: 1, tenantId: DEFAULT_TENANT, at: NOW, actor: null, requestId: null }
  t.same(facts, [
    {
      ...{ ...stamp, type: 'settings_changed', sequence: 8, seatsBefore: 4, seatsAfter: 4 },
      settings: { name: 'New', metadata: { hall: 2 } },
    },
    { ...stamp, type: 'capacity_changed', sequence: 9, seatsBefore: 4, seatsAfter: 6 },
    {
      ...{ ...stamp, type: 'settings_changed', sequence: 10, seatsBefore: 6, seatsAfter: 6 },
      settings: { name: 'Newer', startsAt: NOW },
    },
  ])
})

t.test('a change to what the event is already succeeds, and nothing is told', async (t) => {
  const settings = { startsAt: NOW, metadata: { hall: 1 } }
  const same = { totalSeats: 4, name: 'Event', startsAt: new Date(NOW), metadata: { hall: 1 } }
  const { words, facts } = decideOn({ settings }, [changeEvent(1, same)])
  t.same([words, facts], [['event'], []])
})

t.test('a sales window that can never be open is refused, with what is set already', async (t) => {
  const { words, facts } = decideOn({ settings: { salesEndAt: NOW } }, [
    changeEvent(1, { salesStartAt: NOW, name: 'New' }),
    changeEvent(1, { salesStartAt: inSeconds(1), salesEndAt: inSeconds(1) }),
    changeEvent(1, { salesStartAt: NOW, salesEndAt: null }),
  ])
  t.same(words, ['sales_window_invalid', 'sales_window_invalid', 'event'])
  t.equal(facts.length, 1)
})
