import t from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import { LATER } from '../../src/domain/decide/decide.ts'
import { cancel, changeEvent, plainReserve, resize, settle } from '../helpers/commands.ts'
import { eventOf } from '../helpers/outcomes.ts'
import { World } from './pools-world.ts'
import { EVENT_ID } from './tables.ts'
import { wordOf } from '../helpers/state.ts'

// A line of an event with pools that is served in pieces: what is free is kept for those of it who are
// not known yet.

const SEATS = 20
const WAITING = 15

const typeOf = (key: string, pools: readonly string[]) => ({
  ...{ key, name: key, pools, maxPerBooking: null, salesStartAt: null, salesEndAt: null },
})
const OFFER = {
  totalSeats: SEATS + 2,
  pools: ['a', 'b'].map((key) => ({ key, capacity: SEATS })),
  ticketTypes: [typeOf('a', ['a']), typeOf('b', ['b']), typeOf('free', [])],
}

const ask = (user: string, ticketType: string, seats: number, waitlist = false) =>
  plainReserve(EVENT_ID, user, { seats, lines: [{ ticketType, seats }], waitlist })

/** All of pool a is taken, and fifteen wait for a seat of it, of whom five are known at a time. */
function createWaiting(): { world: World; words: (...commands: Command[]) => string[] } {
  const world = new World(OFFER)
  const words = (...commands: Command[]) => world.batch(commands, 5).verdicts.map(wordOf)
  words(ask('max', 'a', SEATS), ask('ann', 'free', 1))
  words(...Array.from({ length: WAITING }, (_, i) => ask(`w${i}`, 'a', 1, true)))
  return { world, words }
}

/** The booking that `max` has. */
const LARGE = 1
const ANNS = 2

t.test('nobody takes what those are to have who are served in the next batch', (t) => {
  const { world, words } = createWaiting()
  const grown = { ...resize(EVENT_ID, ANNS, 2), lines: [{ ticketType: 'free', seats: 2 }] }
  const other = { ...resize(EVENT_ID, ANNS, 1), lines: [{ ticketType: 'a', seats: 1 }] }
  const late = [ask('new', 'a', 1), ask('eve', 'b', 1), ask('fay', 'b', 1, true), grown, other]
  t.same(words(cancel(EVENT_ID, LARGE), ...late), ['done', ...late.map(() => 'later')])
  t.equal(world.event.waitlistLength, WAITING - 5, 'five are served')
  t.same(
    words(settle(EVENT_ID), ...late),
    ['done', ...late.map(() => 'later')],
    'and five in the next batch',
  )
  t.same(words(...late), ['booking', 'booking', 'booking', 'booking', 'booking'])
  t.equal(world.event.waitlistLength, 0)
  t.end()
})

t.test('what takes from no pool that they wait for is changed at once', (t) => {
  const { words } = createWaiting()
  const moved = { ...resize(EVENT_ID, ANNS, 1), lines: [{ ticketType: 'b', seats: 1 }] }
  t.same(words(cancel(EVENT_ID, LARGE), moved, ask('new', 'b', 1)), ['done', 'booking', 'later'])
  t.end()
})

t.test('an event is shown without the expired holds that are left, in each of its pools', (t) => {
  const shown = (maxSettled?: number) => {
    const world = new World(OFFER)
    const users = ['ann', 'bob', 'cid', 'dee']
    const holds = users.map((user, i) => ({ ...ask(user, i < 3 ? 'a' : 'b', 1 + i), hold: true }))
    world.batch(holds)
    users.forEach((user) => {
      world.expire(user)
    })
    const { verdicts, isUnsettled } = world.batch([changeEvent(EVENT_ID, {})], maxSettled)
    const [verdict] = verdicts
    if (verdict === undefined || verdict === LATER) throw new TypeError('it is not decided')
    return { pools: eventOf(verdict).pools, isUnsettled }
  }
  const pools = ['a', 'b'].map((key) => ({ key, capacity: SEATS, available: SEATS }))
  t.same(shown(), { pools, isUnsettled: false })
  t.same(shown(1), { pools, isUnsettled: true })
  t.end()
})
