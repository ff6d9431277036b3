import t from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import { decide } from '../../src/domain/decide/decide.ts'
import { MAX_LOOKS } from '../../src/domain/decide/ledger.ts'
import type { Line, WaitlistEntry } from '../../src/domain/model.ts'
import { MAX_POOLS, MAX_POOLS_OF_TYPE, MAX_WAITING_KINDS } from '../../src/domain/policy.ts'
import type { EventState, State } from '../../src/domain/state.ts'
import { WaitingKinds } from '../../src/domain/waiting-kinds.ts'
import { leaveWaitlist, plainReserve } from '../helpers/commands.ts'
import { byId, NOW, stateOf, usersOf, wordOf } from '../helpers/state.ts'

// The promise: however many different things are waited for at an event, one command of its costs about as much
// as a look at each of them, and one batch decides no more of those than it may. What is left comes in the next
// ones, in its order, and nobody overtakes those who wait for that.

const KINDS = MAX_WAITING_KINDS
/** What it counts to see whether somebody can be served, at the least. */
const LOOKS_AT_ONE = 15
const NONE = { maxPerBooking: null, salesStartAt: null, salesEndAt: null }
/** Of the first pool one seat is left, which is too few for each who waits but the last. */
const SHORT = 'p0'
/** Nobody waits for it. */
const OWN = `p${MAX_POOLS - 1}`
const POOLS = Array.from({ length: MAX_POOLS }, (_, i) => `p${i}`)
const OTHERS = POOLS.slice(1, -1)

const typeOf = (key: string, pools: readonly string[]) => ({ key, name: key, pools, ...NONE })
const TYPES = [
  ...POOLS.map((pool) => typeOf(pool, [pool])),
  ...Array.from({ length: MAX_POOLS / MAX_POOLS_OF_TYPE }, (_, i) =>
    typeOf(`some ${i}`, POOLS.slice(i * MAX_POOLS_OF_TYPE, (i + 1) * MAX_POOLS_OF_TYPE)),
  ),
]

/** Entries of as many kinds as may be: two seats of two pools each, and of the one in which they lack room. */
function entryAt(i: number): WaitlistEntry {
  const [a, b] = [i % OTHERS.length, Math.floor(i / OTHERS.length)]
  const pools = [...new Set([OTHERS[a], OTHERS[(a + b + 1) % OTHERS.length], SHORT])]
  const line = { ticketType: 't', seats: 2, pools: pools.filter((pool) => pool !== undefined) }
  return entry(i, line)
}

function entry(i: number, line: Line): WaitlistEntry {
  const lines = [line]
  return { id: i + 1, eventId: 1, userId: `w${i}`, seats: line.seats, lines, createdAt: NOW }
}

/** @param more - who waits behind the others */
function createLine(...more: readonly WaitlistEntry[]): State & { event: EventState } {
  const pools = POOLS.map((key) => ({ key, capacity: key === SHORT ? 1 : 10_000 }))
  const settings = { pools, ticketTypes: TYPES, totalSeats: 100_000, maxSeatsPerBooking: 1000 }
  const given = stateOf({ settings })
  const plain = given.events.get(1)
  if (plain === undefined) throw new RangeError('there is no event 1')
  const line = [...Array.from({ length: KINDS - more.length }, (_, i) => entryAt(i)), ...more]
  const event = {
    ...plain,
    ...{ line: byId(line), waitlistLength: line.length, waitingUsers: usersOf(line) },
    kinds: new WaitingKinds(line),
  }
  return { events: new Map([[1, event]]), now: given.now, event }
}

function ask(user: string, ...types: readonly string[]): Command {
  const lines = types.map((ticketType) => ({ ticketType, seats: 1 }))
  return plainReserve(1, user, { seats: lines.length, lines })
}

/** How many things of maps and sets are looked at while something is done. */
function stepsOf(work: () => void): number {
  let steps = 0
  const undo = [new Map().values(), new Set().values()].map((iterator) => {
    const prototype = Object.getPrototypeOf(iterator) as { next: () => unknown }
    const { next } = prototype
    prototype.next = function counted() {
      steps += 1
      return next.call(this)
    }
    return () => (prototype.next = next)
  })
  try {
    work()
  } finally {
    for (const each of undo) each()
  }
  return steps
}

t.test('a command costs about as much as a look at each kind', async (t) => {
  const WIDE = TYPES.slice(MAX_POOLS + 1).map(({ key }) => key)
  const cases: readonly (readonly [what: string, command: Command, word: string])[] = [
    ['who stands in line books something else', ask('w500', OWN), 'booking'],
    ['who does not asks for much that is waited for', ask('new', ...WIDE), 'booking'],
    ['somebody leaves the line', leaveWaitlist(1, 500), 'done'],
  ]
  const most = 25 * KINDS
  for (const [what, command, word] of cases) {
    const state = createLine()
    const steps = stepsOf(() => {
      t.strictSame(decide(state, [command]).verdicts.map(wordOf), [word], what)
    })
    // The line is gone over before the command, and after it: of each entry what it takes from.
    t.ok(steps > KINDS && steps < most, `${what}: ${steps} steps, at most ${most}`)
  }
})

t.test(
  'a batch goes over the line as often as it may, and no one overtakes meanwhile',
  async (t) => {
    const last = entry(KINDS, { ticketType: 't', seats: 1, pools: [SHORT] })
    const state = createLine(last)
    const asked = Array.from({ length: KINDS - 1 }, (_, i) => ask(`w${i}`, OWN))
    const { verdicts, unsettled, facts } = decide(state, [
      ...asked,
      ask('new', SHORT),
      ask('b', OWN),
    ])
    const words = verdicts.map(wordOf)
    const done = words.indexOf('later')
    t.ok(done > 1 && done * KINDS * LOOKS_AT_ONE < MAX_LOOKS, `${done} in the first batch`)
    t.ok(
      words.slice(done).every((word) => word === 'later'),
      'the others in the next ones',
    )
    t.equal(unsettled.length, 1, 'which are asked for')
    t.equal(facts.length, 2 * done)
  },
)

t.test('an event that is full is not put off beside one that takes long', async (t) => {
  const asked = Array.from({ length: KINDS - 1 }, (_, i) => ask(`w${i}`, OWN))
  const { event, now } = createLine(entry(KINDS, { ticketType: 't', seats: 1, pools: [SHORT] }))
  const full: EventState = { ...createLine().event, id: 2, takenSeats: event.settings.totalSeats }
  const command = { ...ask('new', OWN), eventId: 2 } as Command
  const { verdicts, unsettled } = decide(
    {
      events: new Map([
        [1, event],
        [2, full],
      ]),
      now,
    },
    [...[...asked, leaveWaitlist(2, 1), command]],
  )
  t.strictSame(verdicts.slice(-3).map(wordOf), ['later', 'done', 'sold_out'])
  t.strictSame(
    unsettled.map(({ id }) => id),
    [1],
  )
})

t.test('who can be served is served first in the next batch', async (t) => {
  const last = entry(KINDS, { ticketType: 't', seats: 1, pools: [SHORT] })
  const state = createLine(last)
  // All but one leave, who stood before the last one: there is room for the last one now.
  const leaving = Array.from({ length: KINDS - 1 }, (_, i) => leaveWaitlist(1, i + 1))
  const first = decide(state, [...leaving, ask('new', SHORT)])
  t.equal(first.facts.length, leaving.length, 'nobody is served')
  t.equal(first.verdicts.map(wordOf).at(-1), 'later')
  state.event.isUnserved = false
  const next = decide(state, [ask('new', SHORT)])
  t.match(next.facts, [{ type: 'promoted', userId: last.userId }])
  t.strictSame(next.verdicts.map(wordOf), ['sold_out'])
})
