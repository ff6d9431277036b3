import { isDeepStrictEqual, inspect } from 'node:util'
import { DEFAULT_TENANT } from '../../src/domain/access.ts'
import type { Command } from '../../src/domain/commands.ts'
import type { EventSettings } from '../../src/domain/model.ts'
import type { Outcome } from '../../src/domain/outcomes.ts'
import { decide, newEvent, reach } from './model/event.ts'
import { freeOf } from './model/room.ts'
import { withoutRef, type ModelOutcome } from './model/outcomes.ts'
import type { ModelEvent } from './model/types.ts'
import { check } from './replay.ts'
import type { Script, Step } from './script.ts'
import { summary, tablesSeen } from './seen.ts'
import type { Snapshot } from './snapshot.ts'
import { translateFor, type Pair } from './translate.ts'
import { fullSettings } from './translate-settings.ts'

/** What a script is run on. */
export interface System {
  createEvent(settings: EventSettings, tenantId: string): Promise<number>
  now(): Date
  advance(seconds: number): Promise<void>
  /** Carries the commands out in their order, all at the same instant. */
  execute(commands: readonly Command[]): Promise<Outcome[]>
  look(eventId: number): Promise<Snapshot>
}

/** Events are theirs in turn. */
const TENANTS = [DEFAULT_TENANT, 'acme'] as const

/**
 * Runs a script on a system and beside it on the model. After each round the outcomes, the
 * bookings, the line and the capacities must be the same, and in the end the history must replay to
 * what there is.
 *
 * @param seen - is added what came to happen, so that a test can tell that it saw everything
 */
export async function follow(system: System, script: Script, seen: Set<string>): Promise<void> {
  const pairs: Pair[] = []
  for (const [i, settings] of script.events.entries()) {
    const [owner, stranger] = i % 2 === 0 ? TENANTS : ([TENANTS[1], TENANTS[0]] as const)
    const id = await system.createEvent(fullSettings(settings), owner)
    const known = { bookings: new Map<number, number>(), entries: new Map<number, number>() }
    pairs.push({ id, model: newEvent(settings), owner, stranger, ...known })
  }
  for (const { afterSeconds, steps } of script.rounds) {
    await system.advance(afterSeconds)
    for (const part of partsOf(steps)) await playAtOnce(system, pairs, part, seen)
  }
  for (const { id } of pairs) {
    for (const type of check(await system.look(id))) seen.add(`history: ${type}`)
  }
}

/**
 * A booking that is taken again ends in a later batch only, and whoever asks with the command that ends it is
 * decided before: so that there is one order to predict, a late payment is the last of what comes at once.
 */
function partsOf(steps: readonly Step[]): Step[][] {
  const parts: Step[][] = [[]]
  for (const step of steps) {
    parts.at(-1)?.push(step)
    if (step.type === 'confirm' && step.isLate) parts.push([])
  }
  return parts.filter((part) => part.length > 0)
}

async function playAtOnce(
  system: System,
  pairs: readonly Pair[],
  steps: readonly Step[],
  seen: Set<string>,
): Promise<void> {
  const now = system.now()
  const translated = steps.map((step) => {
    const pair = pairOf(pairs, step)
    return { pair, ...translateFor(pair, step, now) }
  })
  const outcomes = await system.execute(translated.map(({ real }) => real))
  // Whoever is told that an event is not there does not touch it: its holds stay as they are.
  const ofOwners = steps.filter((step) => !step.by.isStranger)
  const touched = new Set(ofOwners.map((step) => pairOf(pairs, step)))
  for (const { model } of touched) reach(model, now.getTime())
  const expected = translated.map(({ pair, model }) => structuredClone(decide(pair.model, model)))
  steps.forEach(({ type }, i) => seen.add(`${type}: ${modelKindOf(expected[i])}`))
  assertSame('the outcomes', outcomes.map(summary), expected, steps)
  for (const pair of touched) compare(pair, await system.look(pair.id), steps)
}

/** Compares the two worlds of an event, and learns the ids of what is new. */
function compare(pair: Pair, snapshot: Snapshot, steps: unknown): void {
  const { model } = pair
  const byUser = model.bookings.toSorted((a, b) => (a.user < b.user ? -1 : 1))
  assertSame('the event', tablesSeen(snapshot), expectedOf(model), steps)
  assertSame('the owners', snapshot.tenants, [pair.owner], steps)
  byUser.forEach(({ ref }, i) => pair.bookings.set(ref, snapshot.bookings[i]?.id ?? 0))
  model.line.forEach(({ ref }, i) => pair.entries.set(ref, snapshot.line[i]?.id ?? 0))
}

function expectedOf(model: ModelEvent): ReturnType<typeof tablesSeen> {
  const keys = model.isDeleted ? [] : [null, ...model.settings.pools.map(({ key }) => key)]
  return {
    bookings: model.bookings
      .toSorted((a, b) => (a.user < b.user ? -1 : 1))
      .map((booking) => withoutRef(booking)),
    line: model.line.map((entry) => withoutRef(entry)),
    blocked: model.isDeleted ? [] : model.blocked.toSorted((a, b) => (a.label < b.label ? -1 : 1)),
    total: model.isDeleted ? null : model.settings.totalSeats,
    free: Object.fromEntries(keys.map((key) => [String(key), freeOf(model, key)])),
  }
}

function pairOf(pairs: readonly Pair[], { event }: Step): Pair {
  const pair = pairs[event]
  if (pair === undefined) throw new RangeError('the script names an event that it does not have')
  return pair
}

function modelKindOf(outcome: ModelOutcome | undefined): string {
  if (typeof outcome !== 'object') return outcome ?? 'nothing'
  return 'refused' in outcome ? outcome.refused : (Object.keys(outcome)[0] ?? 'nothing')
}

function assertSame(what: string, real: unknown, expected: unknown, steps: unknown): void {
  if (isDeepStrictEqual(real, expected)) return
  const show = (value: unknown): string => inspect(value, { depth: 9, breakLength: 100 })
  throw new Error(
    `${what} differ from the model\nafter ${show(steps)}\nreal ${show(real)}\nmodel ${show(expected)}`,
  )
}
