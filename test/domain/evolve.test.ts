import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { DEFAULT_TENANT } from '../../src/domain/access.ts'
import { decide, LATER, type Verdict } from '../../src/domain/decide/decide.ts'
import { evolve } from '../../src/domain/evolve.ts'
import { FACT_TYPE_NAMES, type Fact, type FactType } from '../../src/domain/facts.ts'
import type { EventSettings } from '../../src/domain/model.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/policy.ts'
import type { EventState } from '../../src/domain/state.ts'
import { createEventCommand } from '../helpers/commands.ts'
import { seedFor } from '../helpers/random.ts'
import { inSeconds, NOW } from '../helpers/state.ts'
import { loadWhole } from './load.ts'
import { rounds, someSettings, type Round } from './script.ts'
import { checkCounts, contentOf, EVENT_ID, RowIds } from './tables.ts'

const RUNS = 1500

t.test('a replay of all facts gives the state that the decisions left', async (t) => {
  const seen = new Set<FactType>()
  const property = fc.property(someSettings, rounds({ max: 12, maxSteps: 5 }), (settings, all) => {
    const { facts, left } = play(settings, all)
    deepStrictEqual(
      facts.map(({ sequence }) => sequence),
      facts.map((_, i) => i + 1),
      'the history has no gap',
    )
    deepStrictEqual(contentOf(replay(facts)), contentOf(left))
    checkCounts(left)
    for (const { type } of facts) seen.add(type)
  })
  fc.assert(property, { numRuns: RUNS, seed: seedFor(t) })
  t.same(
    FACT_TYPE_NAMES.filter((type) => !seen.has(type)),
    // Those are met in seat-facts.test.ts.
    ['seating_changed', 'seats_blocked', 'seats_unblocked'],
    'each type of fact was met',
  )
})

interface Played {
  readonly facts: readonly Fact[]
  readonly left: EventState
}

/** Decides batch by batch, each on the very state that the one before left. */
function play(settings: EventSettings, all: readonly Round[]): Played {
  const ids = new RowIds()
  const made = decide({ events: new Map(), now: NOW }, [createEventCommand(settings)])
  const facts = made.facts.map((fact) => ids.ofBatch().inFact(fact))
  let left = replay(facts)
  let seconds = 0
  for (const { afterSeconds, steps } of all) {
    seconds += afterSeconds
    const now = inSeconds(seconds)
    const state = loadWhole(left, now)
    const events = new Map(left.isDeleted ? [] : [[EVENT_ID, state]])
    const { verdicts, facts: more } = decide(
      { events, now },
      steps.map((step) => step(ids)),
    )
    checkShown(verdicts.at(-1), state)
    const batch = ids.ofBatch()
    facts.push(...more.map((fact) => batch.inFact(fact)))
    left = batch.inState(state)
  }
  return { facts, left }
}

/** What the last command was told of is what the state has. */
function checkShown(verdict: Verdict | undefined, { bookings, line }: EventState): void {
  if (verdict === undefined || verdict === LATER) return
  if (verdict.kind === 'booking') {
    deepStrictEqual(bookings.get(verdict.booking.id), verdict.booking)
  } else if (verdict.kind === 'waiting') {
    deepStrictEqual([...line.values()][verdict.position - 1], verdict.entry)
  }
}

function replay(facts: readonly Fact[]): EventState {
  const state = facts.reduce<EventState | undefined>(evolve, undefined)
  if (state === undefined) throw new RangeError('there are no facts')
  return state
}

const settings = { ...DEFAULT_SETTINGS, name: 'Event', totalSeats: 4 }
const origin = { tenantId: DEFAULT_TENANT, actor: null, requestId: null }
const stamp = (sequence: number) => ({ eventId: 1, sequence, at: NOW, ...origin })
const created: Fact = {
  ...{ type: 'event_created', settings, seatsBefore: 0, seatsAfter: 4 },
  ...stamp(1),
}
const ofAnn = {
  ...{ bookingId: 1, userId: 'ann', waitlistEntryId: null },
  ...{ lines: null, expiresAt: null },
}
const booked: Fact = {
  ...{ type: 'booked', ...ofAnn, status: 'confirmed', seatsBefore: 0, seatsAfter: 1 },
  ...stamp(2),
}
const ended = { ...ofAnn, status: null, seatsBefore: 1, seatsAfter: 0 }
const inLine = { userId: 'bob', waitlistEntryId: 5, lines: null }

t.test('an event whose settings were no facts yet has the defaults', async (t) => {
  t.same(replay([{ ...created, settings: null }]).settings, { ...settings, name: '' })
})

t.test('a fact that does not fit is an error: history and state have parted', async (t) => {
  const misfits: Record<string, readonly Fact[]> = {
    'nothing was created': [{ ...booked, sequence: 1 }],
    'created twice': [created, created],
    'a fact is missing': [created, { ...booked, sequence: 3 }],
    'a fact is told again': [created, booked, booked],
    'no booking to cancel': [created, { type: 'cancelled', ...ended, ...stamp(2) }],
    'no booking to end': [created, { type: 'expired', ...ended, ...stamp(2) }],
    'no booking to resize': [created, { ...booked, type: 'resized' }],
    'a booking without a status': [created, { ...booked, status: null }],
    'nobody to promote': [created, { ...booked, type: 'promoted', waitlistEntryId: 5 }],
    'a promotion of no entry': [created, { ...booked, type: 'promoted' }],
    'nobody to leave': [
      created,
      { type: 'left_waitlist', ...inLine, seatsBefore: 1, seatsAfter: 0, ...stamp(2) },
    ],
  }
  for (const [what, facts] of Object.entries(misfits)) {
    t.throws(() => replay(facts), RangeError, what)
  }
})

t.test('it changes the state that it is given, and gives it back', async (t) => {
  const state = replay([created])
  t.equal(evolve(state, booked), state)
  t.equal(state.takenSeats, 1)
})
