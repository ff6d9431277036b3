import fc from 'fast-check'
import type { Settings } from './model.ts'

/** Who asks: mostly the tenant whose event it is, for any user. */
export interface Asker {
  /** Whether it is another tenant, for whom the event is not there. */
  readonly isStranger: boolean
  /** The only user for whom it may ask; null for any. */
  readonly onlyFor: string | null
}

/** What a script does to an event; bookings and places in line are picked among those known. */
export type Step = { readonly event: number; readonly by: Asker } & (
  | { type: 'reserve'; user: string; seats: number; hold: boolean; waitlist: boolean }
  | { type: 'confirm' | 'extend' | 'cancel' | 'leave_waitlist'; pick: number }
  | { type: 'cancel_of_user'; user: string }
  | { type: 'resize'; pick: number; seats: number }
  | { type: 'change_event'; changes: Change; isExpected: boolean }
  | { type: 'delete_event'; force: boolean; isExpected: boolean }
  | { type: 'settle' }
)

/** Times in seconds from now. */
export type Change = Partial<
  Omit<Settings, 'salesStartAt' | 'salesEndAt' | 'cancelUntil' | 'waitlistClosesAt'>
> & {
  salesStartIn?: number | null
  salesEndIn?: number | null
  cancelIn?: number | null
  waitlistClosesIn?: number | null
}

/** Commands that come at once, after some time has passed. */
export interface Round {
  readonly afterSeconds: number
  readonly steps: readonly Step[]
}

export interface Script {
  readonly events: readonly Settings[]
  readonly rounds: readonly Round[]
}

const EVENTS = 2
const seats = fc.integer({ min: 1, max: 4 })
const pick = fc.nat({ max: 30 })
const event = fc.nat({ max: EVENTS - 1 })
const user = fc.constantFrom('ann', 'bob', 'cid', 'dee', 'eve', 'fay', 'gus')
const by: fc.Arbitrary<Asker> = fc.record({
  isStranger: fc.nat({ max: 9 }).map((n) => n === 9),
  onlyFor: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: user }),
})
const capacity = fc.integer({ min: 0, max: 8 })
const promotesTo = fc.constantFrom('held' as const, 'confirmed' as const)
// All times are multiples of five seconds, so that the very instant of an expiry is met often.
const holdSeconds = fc.constantFrom(5, 10, 20)
const mostly = fc.nat({ max: 9 }).map((n) => n > 0)
const rarely = fc.nat({ max: 9 }).map((n) => n === 9)

const change = fc.record(
  {
    totalSeats: capacity,
    maxSeatsPerBooking: seats,
    holdSeconds,
    waitlistPromotesTo: promotesTo,
    salesStartIn: fc.constantFrom(null, null, 5, -5),
    salesEndIn: fc.constantFrom(null, null, 10, 0),
    // Not cancelled: that goes on behind what is asked for at once.
    status: fc.constantFrom('on_sale', 'on_sale', 'on_sale', 'paused', 'draft'),
    cancelIn: fc.constantFrom(null, null, 10, 0),
    waitlistClosesIn: fc.constantFrom(null, null, 10, 0),
  },
  { requiredKeys: [] },
)

const type = <T extends string>(value: T) => fc.constant(value)
const reserve = fc.record({
  type: type('reserve'),
  event,
  by,
  user,
  seats: fc.oneof(fc.constant(1), seats),
  hold: fc.boolean(),
  waitlist: fc.boolean(),
})
const named = fc.constantFrom('confirm', 'extend', 'cancel', 'leave_waitlist')
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: reserve },
  { weight: 6, arbitrary: fc.record({ type: named, event, by, pick }) },
  { weight: 1, arbitrary: fc.record({ type: type('cancel_of_user'), event, by, user }) },
  { weight: 2, arbitrary: fc.record({ type: type('resize'), event, by, pick, seats }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: type('change_event'),
      event,
      by,
      changes: change,
      isExpected: mostly,
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: type('settle'), event, by }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: type('delete_event'),
      event,
      by,
      force: rarely,
      isExpected: mostly,
    }),
  },
)

const settings: fc.Arbitrary<Settings> = fc.record({
  totalSeats: capacity,
  maxSeatsPerBooking: seats,
  holdSeconds,
  waitlistPromotesTo: promotesTo,
  salesStartAt: fc.constant(null),
  salesEndAt: fc.constant(null),
  status: type('on_sale'),
  cancelUntil: fc.constant(null),
  waitlistClosesAt: fc.constant(null),
})

/** Random scripts; a failing one shrinks to few rounds, few steps, small numbers. */
export function scripts({ maxRounds }: { maxRounds: number }): fc.Arbitrary<Script> {
  const round = fc.record({
    afterSeconds: fc.constantFrom(0, 0, 5, 10),
    steps: fc.array(step, { minLength: 1, maxLength: 5, size: 'max' }),
  })
  return fc.record({
    events: fc.array(settings, { minLength: EVENTS, maxLength: EVENTS }),
    rounds: fc.array(round, { minLength: 1, maxLength: maxRounds, size: 'max' }),
  })
}
