import t from 'tap'
import {
  cancel,
  changeEvent,
  confirm,
  deleteEvent,
  plainReserve,
  resize,
  settle,
} from '../helpers/commands.ts'
import { eventOf } from '../helpers/outcomes.ts'
import { decidedAs, decideOn, inSeconds, NOW } from '../helpers/state.ts'

// An event on which more has gathered than one batch may do: what is done, what is put off, and
// what is certain all the same. bounded-work.test.ts tries it on random states.

const reserve = (userId: string, seats = 1) => plainReserve(1, userId, { seats })
const wait = (userId: string, seats = 1) => plainReserve(1, userId, { seats, waitlist: true })

/** Four seats: ann's two, and two of holds that have expired but do not end in this batch. */
const expiring = { bookings: [{ userId: 'ann', seats: 2 }], moreExpiredSeats: 2 }

t.test('due holds end oldest first, then the line is served', async (t) => {
  const { told, isUnsettled } = decideOn(
    {
      settings: { totalSeats: 3 },
      bookings: [
        { userId: 'ann', expiresAt: NOW },
        { userId: 'bob', expiresAt: inSeconds(-2) },
        { userId: 'cid', expiresAt: inSeconds(-1) },
      ],
      line: [['dee', 2]],
    },
    [settle(1)],
  )
  t.same(told, ['expired bob 0', 'expired cid 0', 'expired ann 0', 'promoted dee 2'])
  t.equal(isUnsettled, false)
})

t.test('holds that are left to the next batch are not ended, and name the event', async (t) => {
  const due = [...expiring.bookings, { userId: 'bob', expiresAt: NOW }]
  const { words, told, isUnsettled } = decideOn(
    { settings: { totalSeats: 5 }, bookings: due, moreExpiredSeats: 2 },
    [settle(1)],
  )
  t.same([words, told, isUnsettled], [['done'], ['expired bob 0'], true])
})

t.test('what would be refused for room is decided later, and changes nothing', async (t) => {
  const commands = [
    reserve('bob'),
    wait('bob'),
    resize(1, 1, 3),
    changeEvent(1, { totalSeats: 3, name: 'New' }),
    deleteEvent(1),
  ]
  const { words, facts, event } = decideOn(expiring, commands)
  t.same(words, Array(5).fill('later'))
  t.same(facts, [])
  t.equal(event.settings.name, 'Event')
  const settled = { bookings: [...expiring.bookings, { userId: 'zoe', seats: 2 }] }
  t.same(decideOn(settled, commands).words, [
    ...['sold_out', 'waiting', 'sold_out'],
    ...['capacity_below_taken', 'event_has_bookings'],
  ])
})

t.test('what has room is decided at once', async (t) => {
  const roomy = { ...expiring, settings: { totalSeats: 6 } }
  const { words, told } = decideOn(roomy, [
    reserve('bob'),
    resize(1, 1, 3),
    cancel(1, 1),
    reserve('cid'),
    changeEvent(1, { totalSeats: 7 }),
    deleteEvent(1, { force: true }),
  ])
  t.same(words, ['booking', 'booking', 'done', 'booking', 'event', 'done'])
  t.equal(told.at(-1), 'event_deleted 0')
})

t.test('nobody overtakes one who was put off', async (t) => {
  const { words } = decideOn({ ...expiring, settings: { totalSeats: 6 } }, [
    reserve('bob', 3),
    reserve('cid'),
    resize(1, 1, 3),
    resize(1, 1, 1),
    wait('dee'),
    reserve('ann'),
  ])
  t.same(words, ['later', 'later', 'later', 'booking', 'later', 'already_booked'])
})

t.test('where those in line need what is free, the refusal is certain', async (t) => {
  const given = { settings: { totalSeats: 3 }, line: [['bob'], ['cid']] } as const
  const raised = (left: number) =>
    decideOn({ ...given, notLoaded: left }, [reserve('dee'), resize(1, 9, 1)]).words
  t.same(raised(0), ['booking', 'booking_not_found'], 'both are served, and a seat is left')
  t.same(raised(1), ['sold_out', 'booking_not_found'], 'it is for the one who is not loaded')
})

t.test('what is certain is refused at once', async (t) => {
  const commands = [
    reserve('bob', 5),
    reserve('ann'),
    resize(1, 1, 5),
    resize(1, 9, 1),
    confirm(1, 9),
    confirm(1, 8),
    changeEvent(1, { salesStartAt: NOW, salesEndAt: NOW }),
    deleteEvent(1, { isExpected: false }),
  ]
  const { words } = decideOn({ ...expiring, expiredHolds: [[8, 'ann']] }, commands)
  t.same(words, [
    ...['too_many_seats', 'already_booked', 'too_many_seats', 'booking_not_found'],
    ...['booking_not_found', 'hold_expired', 'sales_window_invalid', 'event_changed'],
  ])
  const sales = (settings: object) => decideOn({ ...expiring, settings }, [reserve('bob')]).words
  t.same(sales({ salesStartAt: inSeconds(1) }), ['sales_not_open'])
  t.same(sales({ salesEndAt: NOW }), ['sales_closed'])
})

t.test('so is a place in line that nobody could have', async (t) => {
  const small = { ...expiring, settings: { maxSeatsPerBooking: 9 } }
  const large = decideOn(small, [wait('bob', 5)])
  const details = { pool: null }
  t.same(large.verdicts, [{ kind: 'refused', refusal: 'exceeds_capacity', limit: 4, details }])
  const behind = decideOn({ ...small, line: [['cid', 2]] }, [wait('bob', 5), wait('cid')])
  t.same(behind.words, ['exceeds_capacity', 'already_waiting'])
})

t.test('who joins a line where others wait stands behind them at once', async (t) => {
  const given = { ...expiring, line: [['bob', 2]] } as const
  const { words, verdicts, told, isUnsettled } = decideOn(given, [wait('cid'), reserve('dee')])
  t.same(words, ['waiting', 'later'])
  t.match(verdicts[0], { position: 2 })
  t.same([told, isUnsettled], [['waitlisted cid 1'], true])
})

t.test('an event that is deleted needs no settling', async (t) => {
  t.equal(decideOn(expiring, [deleteEvent(1, { force: true })]).isUnsettled, false)
})

t.test('an event is shown without the holds that have expired, ended or not', async (t) => {
  const bookings = [
    { userId: 'ann', seats: 2 },
    { userId: 'bob', expiresAt: inSeconds(1) },
    { userId: 'cid', expiresAt: NOW },
  ]
  const given = { settings: { totalSeats: 9 }, bookings, moreExpiredSeats: 3 }
  const decided = decideOn(given, [changeEvent(1, { name: 'New' })])
  t.match(eventOf(decidedAs(decided)), { bookedSeats: 2, heldSeats: 1 })
})
