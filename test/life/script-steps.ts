import fc from 'fast-check'
import type { Settings } from './model/types.ts'
import type { Asker, Script, Step } from './script.ts'
import { capacity, labels, offer, seating, seats, waitedFor, wanted } from './script-offer.ts'

// Random scripts.

const EVENTS = 2
const pick = fc.nat({ max: 30 })
const event = fc.nat({ max: EVENTS - 1 })
const user = fc.constantFrom('ann', 'bob', 'cid', 'dee', 'eve', 'fay', 'gus')
const by: fc.Arbitrary<Asker> = fc.record({
  isStranger: fc.nat({ max: 19 }).map((n) => n === 19),
  onlyFor: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: user }),
})
const promotesTo = fc.constantFrom('held' as const, 'confirmed' as const)
// All times are multiples of five seconds, so that the very instant of an expiry is met often.
const holdSeconds = fc.constantFrom(5, 10, 20)
const mostly = fc.nat({ max: 9 }).map((n) => n > 0)
const rarely = fc.nat({ max: 9 }).map((n) => n === 9)
const metadata = fc.constantFrom({}, {}, { order: 1 }, { order: 2 })

const plainChange = fc.record(
  {
    totalSeats: capacity,
    maxSeatsPerBooking: seats,
    holdSeconds,
    waitlistPromotesTo: promotesTo,
    salesStartIn: fc.constantFrom(null, null, null, 5, -5),
    salesEndIn: fc.constantFrom(null, null, null, null, 10, 0),
    // Not cancelled: that goes on behind what is asked for at once.
    status: fc.constantFrom(...Array<'on_sale'>(5).fill('on_sale'), 'paused', 'draft'),
    cancelIn: fc.constantFrom(null, null, 10, 0),
    waitlistClosesIn: fc.constantFrom(null, null, 10, 0),
    metadata,
  },
  { requiredKeys: [] },
)
const change = fc.oneof(
  { weight: 2, arbitrary: plainChange },
  { weight: 1, arbitrary: offer },
  { weight: 1, arbitrary: fc.tuple(plainChange, offer).map(([a, b]) => ({ ...a, ...b })) },
)

const type = <T extends string>(value: T) => fc.constant(value)
const reserving = { type: type('reserve'), event, by, user, hold: fc.boolean(), metadata }
const steps = {
  reserve: fc.record({ ...reserving, wanted, waitlist: fc.constant(false) }),
  wait: fc.record({ ...reserving, wanted: waitedFor, waitlist: fc.constant(true) }),
  confirm: fc.record({ type: type('confirm'), event, by, pick, isLate: fc.boolean() }),
  named: fc.record({
    ...{ type: fc.constantFrom('extend', 'cancel', 'leave_waitlist'), event, by, pick },
  }),
  ofUser: fc.record({ type: type('cancel_of_user'), event, by, user }),
  resize: fc.record({
    ...{ type: type('resize'), event, by, pick },
    wanted: fc.option(wanted, { freq: 4 }),
    metadata: fc.option(metadata),
  }),
  change: fc.record({ type: type('change_event'), event, by, changes: change, isExpected: mostly }),
  settle: fc.record({ type: type('settle'), event, by }),
  remove: fc.record({ type: type('delete_event'), event, by, force: rarely, isExpected: mostly }),
  seating: fc.record({ type: type('set_seating'), event, by, seating }),
  blocks: fc.record({ type: fc.constantFrom('block_seats', 'unblock_seats'), event, by, labels }),
}
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 24, arbitrary: steps.reserve },
  { weight: 20, arbitrary: steps.wait },
  { weight: 8, arbitrary: steps.confirm },
  { weight: 16, arbitrary: steps.named },
  { weight: 2, arbitrary: steps.ofUser },
  { weight: 14, arbitrary: steps.resize },
  { weight: 8, arbitrary: steps.change },
  { weight: 3, arbitrary: steps.settle },
  { weight: 1, arbitrary: steps.remove },
  { weight: 4, arbitrary: steps.seating },
  { weight: 6, arbitrary: steps.blocks },
)

const settings: fc.Arbitrary<Settings> = fc.record({
  totalSeats: fc.integer({ min: 1, max: 8 }),
  maxSeatsPerBooking: fc.constantFrom(4, 4, 3, 2),
  holdSeconds,
  waitlistPromotesTo: promotesTo,
  salesStartAt: fc.constant(null),
  salesEndAt: fc.constant(null),
  status: type('on_sale'),
  cancelUntil: fc.constant(null),
  waitlistClosesAt: fc.constant(null),
  pools: fc.constant([]),
  types: fc.constant([]),
  metadata,
})

/** What most events are given before anything else happens: something to sell, and numbers. */
const opening: fc.Arbitrary<Step[]> = fc
  .tuple(...Array.from({ length: EVENTS }, () => fc.tuple(fc.option(offer), fc.option(seating))))
  .map((events) =>
    events.flatMap(([sold, hall], i): Step[] => {
      const owner = { event: i, by: { isStranger: false, onlyFor: null } }
      return [
        ...(sold === null
          ? []
          : [{ ...owner, type: 'change_event' as const, changes: sold, isExpected: true }]),
        ...(hall === null ? [] : [{ ...owner, type: 'set_seating' as const, seating: hall }]),
      ]
    }),
  )

/** Random scripts; a failing one shrinks to few rounds, few steps, small numbers. */
export function scripts({ maxRounds }: { maxRounds: number }): fc.Arbitrary<Script> {
  const round = fc.record({
    afterSeconds: fc.constantFrom(0, 0, 5, 10),
    steps: fc.array(step, { minLength: 1, maxLength: 5, size: 'max' }),
  })
  return fc
    .record({
      events: fc.array(settings, { minLength: EVENTS, maxLength: EVENTS }),
      opening,
      rounds: fc.array(round, { minLength: 1, maxLength: maxRounds, size: 'max' }),
    })
    .map(({ events, opening: first, rounds }) => {
      const all = first.length > 0 ? [{ afterSeconds: 0, steps: first }, ...rounds] : rounds
      // Objects like all others: those of fast-check have no prototype now and then.
      return structuredClone({ events, rounds: all })
    })
}
