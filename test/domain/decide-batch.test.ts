import t from 'tap'
import { askedBy, cancel, plainReserve, settle, type ReserveOptions } from '../helpers/commands.ts'
import { decideOn, NOW } from '../helpers/state.ts'

// What holds for the commands of one batch together.

const reserve = (userId: string, more: ReserveOptions = {}) => plainReserve(1, userId, more)

t.test('each command is decided against what the earlier ones leave', async (t) => {
  const users = ['ann', 'ann', 'bob', 'cid']
  const { words, told } = decideOn(
    { settings: { totalSeats: 2 } },
    users.map((user) => reserve(user)),
  )
  t.same(words, ['booking', 'already_booked', 'booking', 'sold_out'])
  t.same(told, ['booked ann 1', 'booked bob 1'])
})

t.test('settling does no more than every command does first', async (t) => {
  const given = { bookings: [{ userId: 'ann', expiresAt: NOW }] }
  const { words, told } = decideOn(given, [settle(1)])
  t.same([words, told], [['done'], ['expired ann 0']])
})

t.test('the id that a booking will get cannot be named before its row is written', async (t) => {
  t.same(decideOn({}, [reserve('ann'), cancel(1, 1)]).words, ['booking', 'booking_not_found'])
})

t.test('bookings and entries count apart, from -1 on', async (t) => {
  const { event } = decideOn({ settings: { totalSeats: 2 } }, [
    reserve('ann'),
    reserve('bob'),
    reserve('cid', { waitlist: true }),
    reserve('dee', { waitlist: true }),
  ])
  t.same(
    [[...event.bookings.keys()], [...event.line.keys()]],
    [
      [-1, -2],
      [-1, -2],
    ],
  )
})

t.test('what comes of a command names its request, also who is served by it', async (t) => {
  const given = {
    settings: { totalSeats: 1 },
    bookings: [{ userId: 'ann' }],
    line: [['bob']],
  } as const
  const { facts } = decideOn(given, [askedBy('r1', cancel(1, 1)), askedBy('r2', reserve('ann'))])
  t.same(
    facts.map(({ type, requestId }) => [type, requestId]),
    [
      ['cancelled', 'r1'],
      ['promoted', 'r1'],
    ],
  )
  const expired = decideOn({ bookings: [{ userId: 'ann', expiresAt: NOW }] }, [
    askedBy('r1', reserve('bob')),
  ])
  t.same(
    expired.facts.map(({ type, requestId }) => [type, requestId]),
    [
      ['expired', null],
      ['booked', 'r1'],
    ],
    'a hold ends by itself',
  )
})
