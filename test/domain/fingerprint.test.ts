import t from 'tap'
import type { ExpectedFingerprints } from '../../src/domain/commands/events.ts'
import { fingerprintOf } from '../../src/domain/fingerprint.ts'
import type { EventView, TicketType } from '../../src/domain/model.ts'
import { viewOf } from '../../src/domain/capacity.ts'
import { changeEvent, deleteEvent } from '../helpers/commands.ts'
import { decideOn, inSeconds, NOW, stateOf, type EventGiven } from '../helpers/state.ts'

const view: EventView = {
  ...{ id: 1, name: 'Event', totalSeats: 9, bookedSeats: 4, heldSeats: 2, waitlistLength: 1 },
  ...{ startsAt: null, salesStartAt: NOW, salesEndAt: inSeconds(1) },
  ...{ maxSeatsPerBooking: 3, holdSeconds: 600, waitlistPromotesTo: 'held', metadata: { a: 1 } },
  ...{ pools: [], ticketTypes: [], blockedSeats: 0 },
  ...{ status: 'on_sale', timeZone: null, cancelUntil: null, waitlistClosesAt: inSeconds(2) },
}

t.test('equal events have equal fingerprints, whatever the order of their members', async (t) => {
  const reversed = Object.fromEntries(Object.entries(view).reverse())
  t.equal(fingerprintOf({ ...view, ...reversed }), fingerprintOf(view))
  t.equal(fingerprintOf({ ...reversed, ...view }), fingerprintOf(view))
  const { id, metadata, ...rest } = view
  t.equal(fingerprintOf({ metadata, ...rest, id }), fingerprintOf(view))
  t.match(fingerprintOf(view), /^[\w-]{27}$/, 'fit to stand in a header')
})

const type: TicketType = {
  ...{ key: 'vip', name: 'VIP', pools: ['front'], maxPerBooking: null },
  ...{ salesStartAt: null, salesEndAt: null },
}

t.test('each member makes a difference', async (t) => {
  const others: Required<EventView> = {
    ...{ id: 2, name: 'event', totalSeats: 8, bookedSeats: 3, heldSeats: 1, waitlistLength: 0 },
    ...{ startsAt: NOW, salesStartAt: null, salesEndAt: inSeconds(1.001) },
    ...{ maxSeatsPerBooking: 4, holdSeconds: 60, waitlistPromotesTo: 'confirmed' },
    pools: [{ key: 'front', capacity: 2, available: 1 }],
    ticketTypes: [type],
    blockedSeats: 1,
    ...{ status: 'paused', timeZone: 'UTC', cancelUntil: NOW, waitlistClosesAt: inSeconds(3) },
    metadata: { a: '1' },
  }
  const changed = Object.entries(others).map(([name, value]) => ({ ...view, [name]: value }))
  t.equal(changed.length, Object.keys(view).length)
  const all = new Set([view, ...changed].map(fingerprintOf))
  t.equal(all.size, changed.length + 1, 'and a difference of its own')
})

t.test('each member of a pool and of a ticket type makes a difference', async (t) => {
  const pool = { key: 'front', capacity: 2, available: 1 }
  const pools = [pool, ...eachOther(pool, { key: 'back', capacity: 3, available: 2 })]
  const others = { pools: [], maxPerBooking: 1, salesStartAt: NOW, salesEndAt: NOW }
  const types = [type, ...eachOther(type, { ...others, key: 'adult', name: 'Vip' })]
  const views = [
    ...pools.map((each) => ({ ...view, pools: [each] })),
    ...types.map((each) => ({ ...view, ticketTypes: [each] })),
  ]
  t.equal(views.length, 4 + 7)
  t.equal(new Set(views.map(fingerprintOf)).size, views.length)
})

/** Copies of a thing which differ from it in one member each. */
function eachOther<T extends object>(thing: T, others: T): T[] {
  return Object.entries(others).map(([name, value]) => ({ ...thing, [name]: value }))
}

t.test('members do not stand in for one another', async (t) => {
  const swapped = { ...view, bookedSeats: view.heldSeats, heldSeats: view.bookedSeats }
  t.not(fingerprintOf(swapped), fingerprintOf(view))
  const moved = { ...view, salesStartAt: view.startsAt, startsAt: view.salesStartAt }
  t.not(fingerprintOf(moved), fingerprintOf(view))
})

t.test('a condition holds where one of its fingerprints is that of the event', async (t) => {
  const given = { bookings: [{ userId: 'ann' }] }
  const now = fingerprintIn(given)
  const words = (expected: ExpectedFingerprints) => [
    ...decideOn(given, [{ ...changeEvent(1, { name: 'New' }), expected }]).words,
    ...decideOn(given, [{ ...deleteEvent(1, { force: true }), expected }]).words,
  ]
  t.same(words([now]), ['event', 'done'])
  t.same(words(['other', now]), ['event', 'done'])
  t.same(words(null), ['event', 'done'], 'no condition')
  t.same(words(['other']), ['event_changed', 'event_changed'])
  t.same(words([]), ['event_changed', 'event_changed'], 'a condition that nothing meets')
})

t.test('it is met by the event as the commands before it leave it', async (t) => {
  const expected = [fingerprintIn({})]
  const rename = (name: string) => ({ ...changeEvent(1, { name }), expected })
  const { words } = decideOn({}, [rename('Event'), rename('New'), rename('Newer')])
  t.same(words, ['event', 'event', 'event_changed'])
})

t.test('a hold that has expired is not part of the event, ended or not', async (t) => {
  const expected = [fingerprintIn({ bookings: [{ userId: 'ann' }] })]
  const given = { bookings: [{ userId: 'ann' }, { userId: 'bob', expiresAt: NOW }] }
  const command = { ...changeEvent(1, { name: 'New' }), expected }
  t.same(decideOn(given, [command]).words, ['event'])
  t.same(decideOn({ ...given, moreExpiredSeats: 2 }, [command]).words, ['event'])
})

function fingerprintIn(given: EventGiven): string {
  const event = stateOf(given).events.get(1)
  if (event === undefined) throw new RangeError('there is no event 1')
  return fingerprintOf(viewOf(event))
}
