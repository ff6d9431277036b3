import t from 'tap'
import {
  cancel,
  changeEvent,
  deleteEvent,
  leaveWaitlist,
  plainReserve,
  resize,
} from '../helpers/commands.ts'
import { decideOn } from '../helpers/state.ts'

// A waitlist that is loaded in part, since one batch serves no more of it: who is served, who does
// not overtake, and what turns on those who are not loaded.

const reserve = (userId: string, seats = 1) => plainReserve(1, userId, { seats })
const wait = (userId: string, seats = 1) => plainReserve(1, userId, { seats, waitlist: true })

t.test('a line that is loaded in part is served as far as that, and not overtaken', async (t) => {
  const given = { settings: { totalSeats: 9 }, line: [['bob'], ['cid']], notLoaded: 2 } as const
  const { words, told, event, isUnsettled } = decideOn(given, [
    reserve('eve'),
    wait('fay'),
    leaveWaitlist(1, 12),
  ])
  t.same(words, ['later', 'waiting', 'waitlist_entry_not_found'], 'cid has been served')
  t.same(told, ['promoted bob 1', 'promoted cid 1', 'waitlisted fay 1'])
  t.same([event.waitlistLength, isUnsettled], [3, true])
})

t.test('neither bookings that grow nor who joins when others have left overtake it', async (t) => {
  const given = {
    settings: { totalSeats: 4 },
    bookings: [{ userId: 'ann' }],
    line: [['bob', 4]],
    behind: [['cid']],
    notLoaded: 2,
  } as const
  const { words, told, isUnsettled } = decideOn(given, [
    wait('eve'),
    leaveWaitlist(1, 11),
    leaveWaitlist(1, 51),
    resize(1, 1, 2),
    wait('fay'),
  ])
  t.same(words, ['waiting', 'done', 'done', 'later', 'waiting'])
  t.same(told, [
    'waitlisted eve 1',
    'left_waitlist bob 0',
    'left_waitlist cid 0',
    'waitlisted fay 1',
  ])
  t.equal(isUnsettled, true)
})

t.test('a line whose first does not fit is settled, however much is behind it', async (t) => {
  const given = { bookings: [{ userId: 'ann' }], line: [['bob', 4]], notLoaded: 3 } as const
  const { words, isUnsettled } = decideOn(given, [reserve('eve'), resize(1, 1, 2)])
  t.same([words, isUnsettled], [['sold_out', 'sold_out'], false])
  const taken = decideOn({ settings: { totalSeats: 1 }, line: [['bob']], notLoaded: 3 }, [
    reserve('eve'),
  ])
  t.same(taken.words, ['sold_out'], 'nor is there anything to serve where no seat is left')
  t.equal(taken.isUnsettled, false)
})

t.test('seats that are kept for the rest of the line are not taken away', async (t) => {
  const given = {
    settings: { totalSeats: 9 },
    line: [['bob']],
    behind: [['cid', 2]],
    notLoaded: 4,
    largest: 'cid',
  } as const
  const lower = changeEvent(1, { totalSeats: 5 })
  const { words, told } = decideOn(given, [lower, changeEvent(1, { name: 'New' })])
  t.same(words, ['later', 'event'])
  t.same(told, ['promoted bob 1', 'settings_changed name'])
  const commands = [changeEvent(1, { totalSeats: 9 }), changeEvent(1, { totalSeats: 10 })]
  t.same(decideOn(given, commands).words, ['event', 'event'], 'more may be given')
})

t.test('who is to be served yet keeps an event from being deleted', async (t) => {
  const given = {
    settings: { totalSeats: 3 },
    bookings: [{ userId: 'ann' }],
    line: [['bob', 3]],
    notLoaded: 1,
  } as const
  const emptied = [leaveWaitlist(1, 11), cancel(1, 1)]
  t.same(decideOn(given, [...emptied, deleteEvent(1)]).words, ['done', 'done', 'later'])
  t.same(
    decideOn({ ...given, notLoaded: 0 }, [...emptied, deleteEvent(1)]).words,
    Array(3).fill('done'),
  )
})

t.test('the largest party in line, where the line is loaded in part', async (t) => {
  const given = {
    settings: { totalSeats: 9, maxSeatsPerBooking: 9 },
    bookings: [{ userId: 'ann', seats: 3 }],
    line: [['bob', 7]],
    behind: [['cid', 8]],
    notLoaded: 4,
    largest: 'cid',
  } as const
  const lower = (totalSeats: number) => changeEvent(1, { totalSeats })
  const refusedFor = (limit: number) => [
    { kind: 'refused', refusal: 'capacity_below_waiting', limit, details: { pool: null } },
  ]
  t.same(decideOn(given, [lower(7)]).verdicts, refusedFor(8), 'it is known')
  t.same(decideOn(given, [lower(8)]).told, ['capacity_changed 8'])
  const joined = decideOn(given, [wait('dee', 9), lower(8)])
  t.same(joined.verdicts.slice(1), refusedFor(9), 'who joined since counts')
  t.same(decideOn(given, [leaveWaitlist(1, 51), lower(8)]).words, ['done', 'later'], 'it has left')
  const leftWhole = [leaveWaitlist(1, 51), lower(8), lower(6)]
  t.same(
    decideOn({ ...given, notLoaded: 1 }, leftWhole).words,
    ['done', 'event', 'capacity_below_waiting'],
    'all that is left is loaded',
  )
  const line = [
    ['bob', 5],
    ['eve', 2],
  ] as const
  const served = { ...given, line, largest: 'bob', behind: [] }
  t.same(decideOn(served, [lower(8)]).words, ['later'], 'it has been served')
  t.same(decideOn({ ...given, largest: '' }, [lower(8)]).words, ['later'], 'it was not read')
})
