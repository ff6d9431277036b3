import { deepStrictEqual, ok } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import { seedFor } from '../helpers/random.ts'
import { settle } from '../helpers/commands.ts'
import { wordOf } from '../helpers/state.ts'
import { theRule, type MayOvertake, type ModelPools } from './pools-model.ts'
import { gathering, poolBatches, poolEvents, type Offer, type PoolStep } from './pools-script.ts'
import { stepOf, World } from './pools-world.ts'
import { EVENT_ID } from './tables.ts'

// Who is served when, where an event has pools: an entry is overtaken only by what takes nothing
// from a pool in which it lacks room. Told twice, by the rules and by a slow model of them.

const RUNS = 600
const MAX_BATCHES = 100

/** What both worlds have come to. */
function checkSame(world: World, model: ModelPools): void {
  const inOrder = ({ bookings, line }: ModelPools) => ({
    bookings: bookings.toSorted((a, b) => (a.user < b.user ? -1 : 1)),
    line,
  })
  deepStrictEqual(inOrder(world.asModel()), inOrder(model))
}

/** Decides batch by batch all that is known, and compares. @param seen - is added what happened */
function playWhole(
  offer: Offer,
  batches: readonly (readonly PoolStep[])[],
  rule: MayOvertake,
  seen: Set<string>,
): void {
  const world = new World(offer)
  const model = world.asModel(rule)
  for (const steps of batches) {
    const commands = steps.map((step) => world.commandOf(step))
    const { ticketTypes } = world.event.settings
    const { verdicts, isUnsettled } = world.batch(commands)
    const words = verdicts.map(wordOf)
    const expected = steps.map((step) => stepOf(model, step, { ...offer, ticketTypes }))
    deepStrictEqual(words, expected)
    ok(!isUnsettled, 'nothing is left where all is known')
    checkSame(world, model)
    for (const [i, { type }] of steps.entries()) seen.add(`${type}: ${words[i]}`)
  }
}

t.test('all that is known is decided as the slow model has it', async (t) => {
  const seen = new Set<string>()
  const property = fc.property(poolEvents, poolBatches(1), (offer, batches) => {
    playWhole(offer, batches, theRule, seen)
  })
  fc.assert(property, { numRuns: RUNS, seed: seedFor(t) })
  t.same(
    [...seen].sort(),
    [
      ...['cancel: booking_not_found', 'cancel: done', 'change: capacity_below_taken'],
      ...['change: capacity_below_waiting', 'change: event', 'leave: done'],
      ...['leave: waitlist_entry_not_found', 'reserve: already_booked', 'reserve: already_waiting'],
      ...['reserve: booking', 'reserve: exceeds_capacity', 'reserve: sold_out', 'reserve: waiting'],
      ...['resize: booking', 'resize: booking_not_found', 'resize: sold_out'],
    ].sort(),
    'and everything has happened',
  )
})

const WRONG_RULES: Readonly<Record<string, MayOvertake>> = {
  'who fits overtakes': () => true,
  'nobody overtakes': (_, before) => before.length === 0,
  'the last in line alone is not overtaken': (party, before, lacks) =>
    theRule(party, before.slice(-1), lacks),
  'the seats of the event are no pool': ({ takes, user }, before, lacks) =>
    theRule(
      { user, takes: Object.fromEntries(Object.entries(takes).filter(([key]) => key !== 'all')) },
      before,
      lacks,
    ),
}

for (const [name, rule] of Object.entries(WRONG_RULES)) {
  t.test(`the control: it is seen where ${name}`, async (t) => {
    const property = fc.property(poolEvents, poolBatches(1), (offer, batches) => {
      playWhole(offer, batches, rule, new Set())
    })
    const { failed } = fc.check(property, { numRuns: RUNS, seed: seedFor(t), endOnFailure: true })
    t.ok(failed)
  })
}

/** Settles until nothing is left, so many of each kind at a time. */
function settleAll(world: World, maxSettled: number): number {
  for (let batches = 1; batches <= MAX_BATCHES; batches += 1) {
    const { isUnsettled } = world.batch([settle(EVENT_ID)], maxSettled)
    if (!isUnsettled) return batches
  }
  throw new Error(`not settled after ${MAX_BATCHES} batches`)
}

t.test('known in part, and settled batch by batch, it comes to the same', async (t) => {
  let pieces = 0
  const property = fc.property(poolEvents, poolBatches(1), fc.constantFrom(1, 2, 3), (...given) => {
    const [offer, batches, maxSettled] = given
    const world = new World(offer)
    const model = world.asModel()
    for (const [step] of [...gathering(offer), ...batches]) {
      if (step === undefined) continue
      const { ticketTypes } = world.event.settings
      const [word] = decideInTurn(world, [world.commandOf(step)], maxSettled)
      deepStrictEqual(word, stepOf(model, step, { ...offer, ticketTypes }))
      pieces += settleAll(world, maxSettled) - 1
      checkSame(world, model)
    }
  })
  fc.assert(property, { numRuns: RUNS, seed: seedFor(t) })
  t.ok(pieces > RUNS / 4, `many took more than one batch: ${pieces} more in all`)
})

/** The verdicts on commands that come at once; those that are put off come first in the next batch. */
function decideInTurn(
  world: World,
  commands: readonly Command[],
  maxSettled: number,
  onPutOff: (command: Command) => void = () => {},
): string[] {
  const words = new Map<Command, string>()
  let pending = commands
  for (let batches = 0; pending.length > 0; batches += 1) {
    ok(batches < MAX_BATCHES, 'each gets its answer')
    const { verdicts } = world.batch(pending, maxSettled)
    for (const [i, command] of pending.entries()) words.set(command, wordOf(verdicts[i] ?? fail()))
    pending = pending.filter((command) => words.get(command) === 'later')
    pending.forEach(onPutOff)
  }
  return commands.map((command) => words.get(command) ?? fail())
}

function fail(): never {
  throw new RangeError('a verdict is missing')
}

t.test('whatever comes at once, nobody is overtaken wrongly, nor left in the end', async (t) => {
  const putOff = new Set<string>()
  const property = fc.property(poolEvents, poolBatches(6), fc.constantFrom(1, 2), (...given) => {
    const [offer, batches, maxSettled] = given
    const world = new World(offer)
    for (const steps of [...gathering(offer), ...batches]) {
      const commands = steps.map((step) => world.commandOf(step))
      decideInTurn(world, commands, maxSettled, ({ type }) => putOff.add(type))
    }
    settleAll(world, maxSettled)
    deepStrictEqual(world.asModel().next(), undefined, 'nobody waits who could be served')
  })
  fc.assert(property, { numRuns: RUNS, seed: seedFor(t) })
  t.same([...putOff].sort(), ['change_event', 'reserve', 'resize'], 'put off')
})

t.test('the control: it is seen where somebody is overtaken in a batch', async (t) => {
  const nobody: MayOvertake = (_, before) => before.length === 0
  const property = fc.property(poolEvents, poolBatches(6), (offer, batches) => {
    const world = new World(offer, nobody)
    for (const steps of batches) {
      decideInTurn(
        world,
        steps.map((step) => world.commandOf(step)),
        1,
      )
    }
  })
  t.ok(fc.check(property, { numRuns: RUNS, seed: seedFor(t), endOnFailure: true }).failed)
})
