import t from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import {
  cancel,
  changeEvent,
  leaveWaitlist,
  plainReserve,
  resize,
  settle,
} from '../helpers/commands.ts'
import { decideOn, inSeconds, NOW } from '../helpers/state.ts'

// First come, first served: who waits, who is served when, and who does not overtake.

const reserve = (userId: string, seats = 1) => plainReserve(1, userId, { seats })
const wait = (userId: string, seats = 1) => plainReserve(1, userId, { seats, waitlist: true })

/** Two seats, both ann's. */
const full = { settings: { totalSeats: 2 }, bookings: [{ userId: 'ann', seats: 2 }] }

t.test('who asks for it waits where there is no room, at the end of the line', async (t) => {
  const { verdicts, event } = decideOn({ ...full, line: [['bob']] }, [wait('cid', 2)])
  const entry = { id: -1, eventId: 1, userId: 'cid', seats: 2, lines: null, createdAt: NOW }
  t.same(verdicts, [{ kind: 'waiting', entry, position: 2 }])
  t.same([...event.line.keys()], [11, -1])
  t.same(event.line.get(-1), entry)
  t.same(decideOn({}, [wait('cid')]).told, ['booked cid 1'], 'with room there is no waiting')
})

t.test('what waiting is refused for', async (t) => {
  const commands = [wait('ann'), wait('bob', 3), wait('cid', 3), wait('cid', 5)]
  const { words, verdicts } = decideOn({ ...full, line: [['bob']] }, commands)
  t.same(words, ['already_booked', 'already_waiting', 'exceeds_capacity', 'too_many_seats'])
  t.match(verdicts[2], { limit: 2 })
  t.same(decideOn({ ...full, line: [['bob']] }, [reserve('bob')]).words, ['sold_out'])
})

t.test('a cancelled seat goes to the first in line, in the same decision', async (t) => {
  const given = { ...full, line: [['bob'], ['cid'], ['dee']] } as const
  const { told, facts, event } = decideOn(given, [cancel(1, 1)])
  t.same(told, ['cancelled ann 0', 'promoted bob 1', 'promoted cid 1'])
  t.same([...event.line.keys()], [13])
  t.match(
    [...event.bookings.values()],
    [
      { id: -1, userId: 'bob', status: 'confirmed', expiresAt: null },
      { id: -2, userId: 'cid' },
    ],
  )
  t.match(facts[1], { bookingId: -1, waitlistEntryId: 11 })
})

t.test('who just cancelled is not offered the seat again, and may wait anew', async (t) => {
  const given = { ...full, line: [['bob', 2]] } as const
  const { told, words } = decideOn(given, [cancel(1, 1), reserve('ann'), wait('ann')])
  t.same(words, ['done', 'sold_out', 'waiting'])
  t.same(told, ['cancelled ann 0', 'promoted bob 2', 'waitlisted ann 1'])
})

t.test('a newcomer does not overtake those in line who are not loaded', async (t) => {
  // Bob was booked by hand, so his place is given up without a seat.
  const bookings = [{ userId: 'ann' }, { userId: 'bob' }]
  const given = { settings: { totalSeats: 2 }, bookings, line: [['bob']], notLoaded: 1 } as const
  const { told } = decideOn(given, [wait('eve'), cancel(1, 1)])
  t.same(told, ['left_waitlist bob 0', 'waitlisted eve 1', 'cancelled ann 0'])
  const whole = decideOn({ ...given, notLoaded: 0 }, [wait('eve'), cancel(1, 1)])
  t.equal(whole.told.at(-1), 'promoted eve 1', 'where there is nobody else she is served')
})

t.test('an event may promote to a hold', async (t) => {
  const settings = { totalSeats: 2, waitlistPromotesTo: 'held', holdSeconds: 60 } as const
  const { event } = decideOn({ ...full, settings, line: [['bob']] }, [cancel(1, 1)])
  t.match(
    [...event.bookings.values()],
    [{ userId: 'bob', status: 'held', expiresAt: inSeconds(60) }],
  )
})

t.test('nobody overtakes, also not a smaller party', async (t) => {
  const given = {
    settings: { totalSeats: 3 },
    bookings: [{ userId: 'ann', seats: 2 }],
    line: [['bob', 3], ['cid']],
  } as const
  const commands = [reserve('dee'), wait('dee'), resize(1, 1, 3)]
  const { words, told } = decideOn(given, commands)
  t.same(words, ['sold_out', 'waiting', 'sold_out'], 'neither a newcomer nor who grows')
  t.same(told, ['waitlisted dee 1'])
  t.same(decideOn(given, [resize(1, 1, 1)]).told, ['resized ann 1'], 'bob wants three')
  t.same(decideOn(given, [cancel(1, 1)]).told, ['cancelled ann 0', 'promoted bob 3'])
})

t.test('whatever frees seats serves the line', async (t) => {
  const line = [['bob']] as const
  const told = (command: Command) => decideOn({ ...full, line }, [command]).told
  t.same(told(resize(1, 1, 1)), ['resized ann 1', 'promoted bob 1'])
  t.same(told(changeEvent(1, { totalSeats: 3 })), ['capacity_changed 3', 'promoted bob 1'])
  const expiring = { ...full, bookings: [{ userId: 'ann', expiresAt: NOW, seats: 2 }], line }
  const afterExpiry = decideOn(expiring, [reserve('ann'), reserve('eve')])
  t.same(afterExpiry.told, ['expired ann 0', 'promoted bob 1', 'booked ann 1'])
  t.same(afterExpiry.words, ['booking', 'sold_out'], 'the line comes before its former user')
})

t.test('seats that were given back in SQL serve the line before anything else', async (t) => {
  const given = { settings: { totalSeats: 2 }, line: [['bob'], ['cid']] } as const
  t.same(decideOn(given, [settle(1)]).told, ['promoted bob 1', 'promoted cid 1'])
})

t.test('who leaves makes way for who fits', async (t) => {
  const given = {
    settings: { totalSeats: 2 },
    bookings: [{ userId: 'ann' }],
    line: [['bob', 2], ['cid'], ['dee']],
  } as const
  const leaving = [leaveWaitlist(1, 11), leaveWaitlist(1, 11), leaveWaitlist(1, 12)]
  const { words, told } = decideOn(given, leaving)
  t.same(words, ['done', 'waitlist_entry_not_found', 'waitlist_entry_not_found'])
  t.same(told, ['left_waitlist bob 0', 'promoted cid 1'])
})
