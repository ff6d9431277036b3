import t from 'tap'
import { confirm, plainReserve } from '../helpers/commands.ts'
import { decideOn, inSeconds, wordOf } from '../helpers/state.ts'
import { World } from './pools-world.ts'
import { EVENT_ID } from './tables.ts'

// Who pays late and waits meanwhile gives the place in line up: nobody is booked and waits.

const expired = { userId: 'ann', seats: 2, expiresAt: inSeconds(-1) }

t.test('who waits alone takes the seats again', (t) => {
  const given = { bookings: [expired, { userId: 'bob' }], line: [['ann', 4]] as const }
  const { words, told, event } = decideOn(given, [confirm(1, 1, true)])
  t.same(words, ['booking'])
  t.same(told, ['expired ann 0', 'left_waitlist ann 0', 'reacquired ann 2'])
  t.same([event.waitlistLength, [...event.waitingUsers]], [0, []])
  t.end()
})

t.test('not before others, of whom alone the refusal tells', (t) => {
  const given = {
    bookings: [expired, { userId: 'bob' }],
    line: [
      ['ann', 4],
      ['cid', 1],
    ],
  } as const
  const { verdicts, told } = decideOn(given, [confirm(1, 1, true)])
  t.match(verdicts, [{ refusal: 'sold_out', details: { waitingBefore: 1 } }])
  t.same(told, ['expired ann 0'], 'the place is kept')
  t.end()
})

t.test('who is behind the part of the line that is known keeps the place', (t) => {
  const given = { bookings: [expired, { userId: 'bob', seats: 2 }], line: [['cid', 4]] } as const
  const behind = { ...given, behind: [['ann', 1]], notLoaded: 1 } as const
  t.same(decideOn(behind, [confirm(1, 1, true)]).words, ['sold_out'])
  t.end()
})

const OFFER = {
  totalSeats: 6,
  pools: ['a', 'b'].map((key) => ({ key, capacity: 3 })),
  ticketTypes: ['a', 'b'].map((key) => ({
    ...{ key, name: key, pools: [key], maxPerBooking: null, salesStartAt: null, salesEndAt: null },
  })),
}
const ask = (user: string, ticketType: string, seats: number, more: object = {}) =>
  plainReserve(EVENT_ID, user, { seats, lines: [{ ticketType, seats }], ...more })

t.test('where there are pools, and those behind come next', (t) => {
  for (const maxSettled of [undefined, 1]) {
    const world = new World(OFFER)
    const words = (...commands: Parameters<World['batch']>[0]) =>
      world.batch(commands, maxSettled).verdicts.map(wordOf)
    t.same(words(ask('ann', 'a', 2, { hold: true })), ['booking'])
    world.expire('ann')
    // Of pool `a` one is free, or with the hold's two three; ann waits for three, and others behind her.
    t.same(words(ask('bob', 'a', 1)), ['booking'])
    const late = confirm(EVENT_ID, 1, true)
    t.same(words(ask('ann', 'a', 3, { waitlist: true })), ['waiting'])
    t.same(words(ask('cid', 'a', 1, { waitlist: true }), ask('dee', 'a', 1, { waitlist: true })), [
      ...['waiting', 'waiting'],
    ])
    t.same(words(late), ['booking'], 'two are free of it, and nobody lacks room but ann')
    t.same(world.event.waitlistLength, 2)
    t.notOk(world.event.waitingUsers.has('ann'))
    t.equal(world.event.kinds?.mostOf('a'), 1, 'the others wait for a seat each')
  }
  t.end()
})
