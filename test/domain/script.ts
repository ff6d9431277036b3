import fc from 'fast-check'
import type { Command } from '../../src/domain/commands.ts'
import type { EventSettings } from '../../src/domain/model.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/policy.ts'
import * as ask from '../helpers/commands.ts'
import { inSeconds } from '../helpers/state.ts'
import { EVENT_ID, type RowIds } from './tables.ts'

/** A command that is not told yet which of the bookings and entries there are it is about. */
export type Step = (ids: RowIds) => Command

const USERS = ['ann', 'bob', 'cid', 'dee', 'eve', 'fay', 'gus', 'h1', 'h2', 'w1', 'w2', 'w3']
const seats = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 4 }))
// Small, so that somebody waits; now and then enough for a long line.
const capacity = fc.integer({ min: 0, max: 8 })
const anyCapacity = fc.oneof(capacity, capacity, fc.integer({ min: 0, max: 40 }))
const promotesTo = fc.constantFrom('held' as const, 'confirmed' as const)
// Multiples of five seconds, as is all time that passes: so the instant of an expiry is met often.
const holdSeconds = fc.constantFrom(5, 10, 20)
const pick = fc.nat({ max: 40 })
const isForced = fc.nat({ max: 9 }).map((n) => n === 0)

const changes = fc.record(
  {
    name: fc.constantFrom('Event', 'Ball'),
    totalSeats: capacity,
    startsAt: fc.constantFrom(null, inSeconds(0)),
    salesStartAt: mostlyNull(inSeconds(5)),
    salesEndAt: mostlyNull(inSeconds(15), inSeconds(5)),
    maxSeatsPerBooking: fc.integer({ min: 1, max: 4 }),
    holdSeconds,
    waitlistPromotesTo: promotesTo,
    metadata: fc.constantFrom({}, { hall: 1 }, { hall: 2 }),
  },
  { requiredKeys: [] },
)

const someMetadata = fc.constantFrom(undefined, undefined, {}, { seat: 'aisle' }, { seat: 'front' })

const reserve = fc
  .record({
    userId: fc.constantFrom(...USERS),
    options: fc.record({
      seats,
      hold: fc.boolean(),
      waitlist: fc.constantFrom(true, true, false),
      metadata: someMetadata,
    }),
  })
  .map(
    ({ userId, options }): Step =>
      () =>
        ask.plainReserve(EVENT_ID, userId, options),
  )

const onBooking = fc
  .record({ how: fc.constantFrom('confirm' as const, 'extend', 'cancel'), pick })
  .map(({ how, pick: at }): Step => ({ lastBooking }) => {
    return ask[how](EVENT_ID, among(lastBooking, at))
  })

const cancelOfUser = fc.constantFrom(...USERS).map(
  (userId): Step =>
    () =>
      ask.cancelOfUser(EVENT_ID, userId),
)
const reacquire = pick.map(
  (at): Step =>
    ({ lastBooking }) =>
      ask.confirm(EVENT_ID, among(lastBooking, at), true),
)

const resize = fc
  .record({
    pick,
    seats: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined, freq: 3 }),
    metadata: someMetadata,
  })
  .map(({ pick: at, seats: to, metadata }): Step => ({ lastBooking }) => {
    return ask.resize(EVENT_ID, among(lastBooking, at), to, metadata)
  })

const leave = pick.map(
  (at): Step =>
    ({ lastEntry }) =>
      ask.leaveWaitlist(EVENT_ID, among(lastEntry, at)),
)

const change = changes.map(
  (some): Step =>
    () =>
      ask.changeEvent(EVENT_ID, some),
)
const setCapacity = anyCapacity.map(
  (totalSeats): Step =>
    () =>
      ask.changeEvent(EVENT_ID, { totalSeats }),
)
const remove = isForced.map(
  (force): Step =>
    () =>
      ask.deleteEvent(EVENT_ID, { force }),
)
const settle = fc.constant<Step>(() => ask.settle(EVENT_ID))

export const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 16, arbitrary: reserve },
  { weight: 6, arbitrary: onBooking },
  { weight: 2, arbitrary: cancelOfUser },
  { weight: 3, arbitrary: reacquire },
  { weight: 3, arbitrary: resize },
  { weight: 4, arbitrary: leave },
  { weight: 2, arbitrary: change },
  { weight: 2, arbitrary: setCapacity },
  { weight: 1, arbitrary: remove },
  { weight: 1, arbitrary: settle },
)

export const someSettings: fc.Arbitrary<EventSettings> = fc
  .record({
    totalSeats: capacity,
    maxSeatsPerBooking: fc.integer({ min: 1, max: 4 }),
    holdSeconds,
    waitlistPromotesTo: promotesTo,
  })
  .map((some) => ({ ...DEFAULT_SETTINGS, name: 'Event', ...some }))

/** What comes at once, after some time has passed. */
export interface Round {
  readonly afterSeconds: number
  readonly steps: readonly Step[]
  /** Holds, and waitlist entries, that are settled with it, where that has a bound. */
  readonly maxSettled: number
}

export function rounds({ max, maxSteps }: { max: number; maxSteps: number }) {
  const round: fc.Arbitrary<Round> = fc.record({
    afterSeconds: fc.constantFrom(0, 0, 5, 10),
    steps: fc.array(steps, { maxLength: maxSteps, size: 'max' }),
    maxSettled: fc.integer({ min: 1, max: 5 }),
  })
  return fc.array(round, { minLength: 1, maxLength: max, size: 'max' })
}

/** One of the ids from 1 on, or the one after them. */
function among(last: number, at: number): number {
  return 1 + (at % (last + 1))
}

function mostlyNull(...moments: readonly Date[]): fc.Arbitrary<Date | null> {
  return fc.constantFrom(...Array<null>(8).fill(null), ...moments)
}
