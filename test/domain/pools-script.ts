import fc from 'fast-check'
import type { Pool, TicketType } from '../../src/domain/model.ts'

// Random events with pools and ticket types, and what happens to them.

/** What an event sells. */
export interface Offer {
  readonly totalSeats: number
  readonly pools: readonly Pool[]
  readonly ticketTypes: readonly TicketType[]
}

export interface LineAsked {
  /** Which of the types, counted round and round. */
  readonly type: number
  readonly seats: number
}

export type PoolStep =
  | { type: 'reserve'; user: string; lines: readonly LineAsked[]; waitlist: boolean }
  | { type: 'resize'; user: string; lines: readonly LineAsked[] }
  | { type: 'cancel' | 'leave'; user: string }
  | { type: 'change'; offer: Offer }

const USERS = ['ann', 'bob', 'cid', 'dee', 'eve', 'fay', 'gus', 'hal', 'ida', 'jon', 'kim', 'lee']
const KEYS = ['a', 'b', 'c', 'd']

const user = fc.constantFrom(...USERS)
const capacity = fc.integer({ min: 0, max: 6 })
const line = fc.record({ type: fc.nat({ max: 3 }), seats: fc.constantFrom(1, 1, 2, 3) })
// Mostly the same, so that several wait for the same.
const lines = fc.oneof(
  fc.record({ type: fc.constantFrom(0, 0, 1), seats: fc.constant(1) }).map((one) => [one]),
  fc.array(line, { minLength: 1, maxLength: 3 }),
)

/** With as many pools, and types that take from some of them. */
function offers(count: fc.Arbitrary<number>): fc.Arbitrary<Offer> {
  return fc
    .record({
      totalSeats: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constant(20)),
      count,
      capacities: fc.array(capacity, { minLength: KEYS.length, maxLength: KEYS.length }),
      types: fc.array(fc.subarray([0, 1, 2, 3]), { minLength: 1, maxLength: 4 }),
    })
    .map(({ totalSeats, count: pools, capacities, types }) => ({
      totalSeats,
      pools: KEYS.slice(0, pools).map((key, i) => ({ key, capacity: capacities[i] ?? 0 })),
      ticketTypes: types.map((of, i) => ({
        key: `type-${i}`,
        name: `Type ${i}`,
        pools: KEYS.slice(0, pools).filter((_, pool) => of.includes(pool)),
        maxPerBooking: null,
        salesStartAt: null,
        salesEndAt: null,
      })),
    }))
}

export const poolEvents = offers(fc.integer({ min: 1, max: 4 }))

const step: fc.Arbitrary<PoolStep> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant('reserve' as const),
      user,
      lines,
      waitlist: fc.nat({ max: 4 }).map((n) => n > 0),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('resize' as const), user, lines }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constantFrom('cancel', 'leave'), user }) },
  {
    weight: 2,
    // Without any, and then with some again, its line is told apart otherwise.
    arbitrary: fc.record({
      type: fc.constant('change' as const),
      offer: offers(fc.constantFrom(0, 1, 2, 3, 4, 4)),
    }),
  },
)

/** Batches of steps. */
export const poolBatches = (maxSteps: number): fc.Arbitrary<PoolStep[][]> =>
  fc.array(fc.array(step, { minLength: 1, maxLength: maxSteps }), {
    minLength: 1,
    maxLength: 40,
    size: 'max',
  })

/** A large party takes what there is of the first types, many wait behind it, and then it gives all back. */
export function gathering({ totalSeats, pools, ticketTypes }: Offer): PoolStep[][] {
  const [first] = ticketTypes
  const capacities = pools.filter(({ key }) => first?.pools.includes(key))
  const seats = Math.min(totalSeats, ...capacities.map((pool) => pool.capacity))
  if (seats < 2) return []
  const join = (name: string, i: number): PoolStep => ({
    ...{ type: 'reserve', user: name, waitlist: true },
    lines: [{ type: i % 3, seats: i % 5 === 4 ? 2 : 1 }],
  })
  const large: PoolStep = {
    ...{ type: 'reserve', user: 'max', waitlist: false },
    lines: [{ type: 0, seats }],
  }
  return [[large], ...USERS.map((name, i) => [join(name, i)]), [{ type: 'cancel', user: 'max' }]]
}
