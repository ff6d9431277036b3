import { isDeepStrictEqual, inspect } from 'node:util'
import { DEFAULT_TENANT } from '../../src/domain/access.ts'
import type { Command } from '../../src/domain/commands.ts'
import type { EventSettings } from '../../src/domain/model.ts'
import type { Outcome } from '../../src/domain/outcomes.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/policy.ts'
import * as commands from '../helpers/commands.ts'
import {
  bookingOf,
  entryOf,
  eventOf,
  kindOf,
  limitOf,
  positionOf,
  refusalOf,
} from '../helpers/outcomes.ts'
import { ModelEvent, type ModelCommand, type ModelOutcome, type Settings } from './model.ts'
import { check, type Snapshot } from './replay.ts'
import type { Change, Script, Step } from './script.ts'

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

const NOBODY = { ref: 0, id: 2_000_000_000 }

/** One event in both worlds: the system's and the model's. */
interface Pair {
  readonly id: number
  readonly model: ModelEvent
  readonly owner: string
  readonly stranger: string
  /** The ids of the model's bookings and places in line, once they are seen; those gone as well. */
  readonly bookings: Map<number, number>
  readonly entries: Map<number, number>
}

/**
 * Runs a script on a system and beside it on the model. After each round the outcomes, the
 * bookings, the line and the capacity must be the same, and the history must replay to them.
 *
 * @param seen - is added what came to happen, so that a test can tell that it saw everything
 */
export async function follow(system: System, script: Script, seen: Set<string>): Promise<void> {
  const pairs: Pair[] = []
  for (const [i, settings] of script.events.entries()) {
    const [owner, stranger] = i % 2 === 0 ? TENANTS : ([TENANTS[1], TENANTS[0]] as const)
    const id = await system.createEvent(fullSettings(settings), owner)
    const known = { bookings: new Map<number, number>(), entries: new Map<number, number>() }
    pairs.push({ id, model: new ModelEvent(settings), owner, stranger, ...known })
  }
  for (const { afterSeconds, steps } of script.rounds) {
    await system.advance(afterSeconds)
    const now = system.now()
    const translated = steps.map((step) => translateFor(pairOf(pairs, step), step, now))
    const outcomes = await system.execute(translated.map(({ real }) => real))
    // Whoever is told that an event is not there does not touch it: its holds stay as they are.
    const ofOwners = steps.filter((step) => !step.by.isStranger)
    const touched = new Set(ofOwners.map((step) => pairOf(pairs, step)))
    for (const { model } of touched) model.reach(now.getTime())
    const expected = translated.map(({ pair, model }) => structuredClone(pair.model.decide(model)))
    steps.forEach(({ type }, i) => seen.add(`${type}: ${modelKindOf(expected[i])}`))
    assertSame('the outcomes', outcomes.map(summary), expected, steps)
    for (const pair of touched) compare(pair, await system.look(pair.id), seen, steps)
  }
}

/** Compares the two worlds of an event, and learns the ids of what is new. */
function compare(pair: Pair, snapshot: Snapshot, seen: Set<string>, steps: unknown): void {
  const { model } = pair
  const real = {
    bookings: snapshot.bookings.map(({ user, seats, status, expiresAt, createdAt }) => ({
      user,
      seats,
      status,
      expiresAt: expiresAt?.getTime() ?? null,
      createdAt: createdAt?.getTime() ?? 0,
    })),
    line: snapshot.line.map(({ user, seats }) => ({ user, seats })),
    total: snapshot.totalSeats,
  }
  const byUser = model.bookings.toSorted((a, b) => (a.user < b.user ? -1 : 1))
  const expected = {
    bookings: byUser.map(({ user, seats, status, expiresAt, createdAt }) => {
      return { user, seats, status, expiresAt, createdAt }
    }),
    line: model.line.map(({ user, seats }) => ({ user, seats })),
    total: model.isDeleted ? null : model.settings.totalSeats,
  }
  assertSame('the event', real, expected, steps)
  assertSame('the owners', snapshot.tenants, [pair.owner], steps)
  byUser.forEach(({ ref }, i) => pair.bookings.set(ref, snapshot.bookings[i]?.id ?? 0))
  model.line.forEach(({ ref }, i) => pair.entries.set(ref, snapshot.line[i]?.id ?? 0))
  for (const type of check(snapshot)) seen.add(`history: ${type}`)
}

function pairOf(pairs: readonly Pair[], { event }: Step): Pair {
  const pair = pairs[event]
  if (pair === undefined) throw new RangeError('the script names an event that it does not have')
  return pair
}

/** A step as both worlds are told it, by who asks. */
function translateFor(pair: Pair, step: Step, now: Date): ReturnType<typeof translate> {
  const { isStranger, onlyFor: userId } = step.by
  const { real, ...rest } = translate(pair, step, now)
  const tenantId = isStranger ? pair.stranger : pair.owner
  return { ...rest, real: commands.asCaller({ tenantId, userId }, real) }
}

function translate(
  pair: Pair,
  step: Step,
  now: Date,
): { pair: Pair; real: Command; model: ModelCommand } {
  const { event, by } = step
  switch (step.type) {
    case 'reserve': {
      const { user, seats, hold, waitlist } = step
      return {
        pair,
        real: commands.plainReserve(pair.id, user, { seats, hold, waitlist }),
        model: step,
      }
    }
    case 'confirm':
    case 'extend':
    case 'cancel': {
      const { ref, id } = pickFrom(pair.bookings, pair.model.bookings, step.pick)
      const { type } = step
      const real = commands[type](pair.id, id)
      return { pair, real, model: { event, by, type, booking: ref } }
    }
    case 'cancel_of_user':
      return { pair, real: commands.cancelOfUser(pair.id, step.user), model: step }
    case 'resize': {
      const { ref, id } = pickFrom(pair.bookings, pair.model.bookings, step.pick)
      const { type, seats } = step
      const model = { event, by, type, seats, booking: ref }
      return { pair, real: commands.resize(pair.id, id, seats), model }
    }
    case 'leave_waitlist': {
      const { ref, id } = pickFrom(pair.entries, pair.model.line, step.pick)
      const { type } = step
      return {
        pair,
        real: commands.leaveWaitlist(pair.id, id),
        model: { event, by, type, entry: ref },
      }
    }
    case 'change_event': {
      const { type, isExpected } = step
      const changes = settingsChanged(step.changes, now)
      const real = commands.changeEvent(pair.id, withDates(changes), { isExpected })
      return { pair, real, model: { event, by, type, changes, isExpected } }
    }
    case 'delete_event': {
      return { pair, real: commands.deleteEvent(pair.id, step), model: step }
    }
    case 'settle':
      return { pair, real: commands.settle(pair.id), model: step }
  }
}

/** Picks what is there, or one of the last that are gone, or what never was. */
function pickFrom(
  known: ReadonlyMap<number, number>,
  live: readonly { ref: number }[],
  pick: number,
): { ref: number; id: number } {
  const isLive = new Set(live.map(({ ref }) => ref))
  const all = [...known].map(([ref, id]) => ({ ref, id }))
  const gone = all.filter(({ ref }) => !isLive.has(ref)).slice(-3)
  const choice = [...all.filter(({ ref }) => isLive.has(ref)), ...gone, NOBODY]
  return choice[pick % choice.length] ?? NOBODY
}

function settingsChanged(change: Change, now: Date): Partial<Settings> {
  const { salesStartIn, salesEndIn, cancelIn, waitlistClosesIn, ...others } = change
  const at = (seconds: number | null | undefined): number | null =>
    typeof seconds === 'number' ? now.getTime() + seconds * 1000 : null
  const rest = {
    ...others,
    ...(cancelIn !== undefined && { cancelUntil: at(cancelIn) }),
    ...(waitlistClosesIn !== undefined && { waitlistClosesAt: at(waitlistClosesIn) }),
  }
  if (salesStartIn === undefined && salesEndIn === undefined) return rest
  const [salesStartAt, salesEndAt] = [at(salesStartIn), at(salesEndIn)]
  const isInOrder = salesStartAt === null || salesEndAt === null || salesStartAt < salesEndAt
  return { ...rest, salesStartAt: isInOrder ? salesStartAt : null, salesEndAt }
}

function withDates({
  salesStartAt,
  salesEndAt,
  cancelUntil,
  waitlistClosesAt,
  ...rest
}: Partial<Settings>): Partial<EventSettings> {
  const date = (ms: number | null): Date | null => (ms === null ? null : new Date(ms))
  return {
    ...rest,
    ...(salesStartAt !== undefined && { salesStartAt: date(salesStartAt) }),
    ...(salesEndAt !== undefined && { salesEndAt: date(salesEndAt) }),
    ...(cancelUntil !== undefined && { cancelUntil: date(cancelUntil) }),
    ...(waitlistClosesAt !== undefined && { waitlistClosesAt: date(waitlistClosesAt) }),
  }
}

function fullSettings(settings: Settings): EventSettings {
  const sales = { salesStartAt: null, salesEndAt: null, pools: [], ticketTypes: [] }
  const none = { ...sales, startsAt: null, cancelUntil: null, waitlistClosesAt: null }
  return { ...DEFAULT_SETTINGS, name: 'Model', ...settings, ...none }
}

function summary(outcome: Outcome): ModelOutcome {
  const refused = refusalOf(outcome)
  if (refused !== undefined) {
    const limit = limitOf(outcome)
    return limit === undefined ? { refused } : { refused, limit }
  }
  switch (kindOf(outcome)) {
    case 'booking': {
      const { userId, seats, status, expiresAt, createdAt } = bookingOf(outcome)
      const times = {
        expiresAt: expiresAt?.getTime() ?? null,
        createdAt: createdAt?.getTime() ?? 0,
      }
      return { booking: { user: userId, seats, status, ...times } }
    }
    case 'waiting': {
      const { userId, seats } = entryOf(outcome)
      return { waiting: { user: userId, seats, position: positionOf(outcome) } }
    }
    case 'event': {
      const { totalSeats: total, bookedSeats: booked, heldSeats: held, ...rest } = eventOf(outcome)
      return { event: { total, booked, held, waiting: rest.waitlistLength } }
    }
    default:
      return 'done'
  }
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
