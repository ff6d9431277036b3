import { UNKNOWN, type Change, type LineStep, type Round, type TypeStep } from './script.ts'
import {
  after,
  block,
  cancelOfUser,
  change,
  number,
  on,
  payLate,
  reserve,
  resize,
  unblock,
} from './tour-steps.ts'

// What the tour sees of pools, ticket types and numbered seats. Types and seats are told by their places.

const [ADULT, CHILD, BOX] = [0, 1, 2]

function typeOf(key: string, pools: string[], more: Partial<TypeStep> = {}): TypeStep {
  return { key, pools, maxPerBooking: null, salesStartIn: null, salesEndIn: null, ...more }
}

const OFFER: Change = {
  totalSeats: 12,
  maxSeatsPerBooking: 6,
  pools: [
    { key: 'a', capacity: 3 },
    { key: 'b', capacity: 4 },
  ],
  types: [typeOf('adult', ['a']), typeOf('child', ['b'], { maxPerBooking: 2 }), typeOf('box', [])],
}

function of(type: number, seats: number): LineStep {
  return { type, seats }
}

function named(type: number, ...labels: number[]): LineStep {
  return { type, seats: labels.length, labels }
}

function best(type: number, seats: number, section: string | null, split = false): LineStep {
  return { type, seats, best: { section, split } }
}

export function pooledSeats(): Round[] {
  return [
    after(0, change(OFFER), change({ types: [typeOf('adult', ['z'])] })),
    after(0, reserve('ann'), reserve('ann', { wanted: [of(UNKNOWN, 1)] })),
    after(
      0,
      reserve('ann', { wanted: [of(CHILD, 3)] }),
      reserve('ann', { wanted: [of(ADULT, 2)] }),
    ),
    after(0, reserve('bob', { wanted: [of(CHILD, 2)], hold: true, metadata: { order: 1 } })),
    // Of two lines that take from one pool both are had, or neither.
    after(0, reserve('cid', { wanted: [of(ADULT, 1), of(ADULT, 1)] })),
    after(0, reserve('cid', { wanted: [of(ADULT, 2), of(BOX, 1)], waitlist: true })),
    // What takes from another pool overtakes him, what takes from his does not.
    after(0, reserve('dee', { wanted: [of(BOX, 1)] }), reserve('eve', { wanted: [of(ADULT, 1)] })),
    after(0, resize(0, [of(ADULT, 3)]), resize(0, [of(ADULT, 1), of(CHILD, 1)])),
    after(0, resize(0, 2), resize(1, null, { order: 2 }), resize(0, [of(UNKNOWN, 1)])),
    after(0, change({ pools: [{ key: 'a', capacity: 1 }] })),
    ...aPaymentThatIsLate(),
    ...windowsOfTypes(),
  ]
}

function aPaymentThatIsLate(): Round[] {
  return [
    // Bob's hold has expired; he waits for one thing, and pays for the other.
    after(5, reserve('fay', { wanted: [of(ADULT, 2)], waitlist: true })),
    after(0, reserve('bob', { wanted: [of(ADULT, 3)], waitlist: true })),
    after(0, ...['ann', 'cid', 'dee'].map((_, i) => on('extend', i))),
    after(0, change({ status: 'paused' }), ...Array.from({ length: 5 }, (_, i) => payLate(i))),
    after(0, change({ status: 'on_sale' }), ...Array.from({ length: 6 }, (_, i) => payLate(i))),
    after(0, reserve('gus', { wanted: [of(CHILD, 1)], hold: true })),
    after(5, reserve('gus', { wanted: [of(BOX, 1)] })),
    after(0, ...Array.from({ length: 8 }, (_, i) => payLate(i))),
    after(0, reserve('hal', { wanted: [of(CHILD, 1)], hold: true })),
    after(5, reserve('ida', { wanted: [of(CHILD, 1)] })),
    after(0, change({ totalSeats: 9 }), ...Array.from({ length: 9 }, (_, i) => payLate(i))),
  ]
}

function windowsOfTypes(): Round[] {
  const closed = [
    typeOf('adult', ['a'], { salesStartIn: 5 }),
    typeOf('child', ['b'], { salesEndIn: 0 }),
    typeOf('box', []),
  ]
  return [
    after(0, change({ types: closed })),
    after(0, ...[ADULT, CHILD].map((type) => reserve('jon', { wanted: [of(type, 1)] }))),
    after(0, resize(0, [of(CHILD, 4)]), resize(0, [of(ADULT, 4)]), resize(0, [of(BOX, 1)])),
  ]
}

export function numberedSeats(): Round[] {
  return [
    after(0, reserve('ann', { wanted: [named(0, 0)] }), block(0), change(OFFER)),
    // A-1-1 to A-1-4 are 0 to 3, B-1-1 to B-1-3 are 4 to 6.
    after(0, number(['C', 'z', 1]), number(['A', null, 4], ['B', 'a', 3])),
    after(0, block(6, 6), unblock(6), reserve('bob', { wanted: [best(BOX, 5, 'A')] })),
    after(
      0,
      ...[named(BOX, UNKNOWN), named(BOX, 0, 0), named(BOX, 4), { ...named(BOX, 0), seats: 2 }].map(
        (line) => reserve('ann', { wanted: [line] }),
      ),
      reserve('ann', { wanted: [best(BOX, 1, 'Z')] }),
    ),
    after(0, reserve('ann', { wanted: [named(BOX, 0, 1)], hold: true })),
    after(
      0,
      reserve('bob', { wanted: [named(BOX, 1)] }),
      resize(0, 2),
      resize(0, [best(BOX, 5, 'A')]),
    ),
    after(0, resize(0, [best(BOX, 1, 'B')]), resize(0, [named(BOX, 4)])),
    after(0, reserve('bob', { wanted: [best(BOX, 1, 'A'), best(ADULT, 1, 'A')] })),
    after(0, reserve('cid', { wanted: [best(ADULT, 2, null)] }), resize(1, [named(BOX, 0)])),
    after(0, block(0), block(UNKNOWN), block(6), block(6), unblock(UNKNOWN)),
    after(0, reserve('dee', { wanted: [best(ADULT, 1, null)], waitlist: true }), unblock(6)),
    ...seatsThatAreGone(),
  ]
}

function seatsThatAreGone(): Round[] {
  const late = Array.from({ length: 6 }, (_, i) => payLate(i))
  return [
    // Ann's hold has expired.
    after(5, reserve('eve', { wanted: [named(BOX, 1)] })),
    after(0, ...late),
    after(0, number(['A', null, 1])),
    after(0, reserve('fay', { wanted: [named(BOX, 0)], hold: true })),
    // His hold has expired, and his seat goes.
    after(5, number(['A', null, ['2']], ['B', 'a', 3])),
    after(0, ...late),
    // Seats without numbers leave fewer than there are numbers.
    after(0, reserve('gus', { wanted: [of(BOX, 6)] }), change({ totalSeats: 12 })),
    after(0, reserve('hal', { wanted: [of(BOX, 1)] })),
    after(0, block(0, 1, 2)),
  ]
}

export function fewerNumbersThanSeats(): Round[] {
  const waits = (user: string, ...wanted: LineStep[]) => reserve(user, { wanted, waitlist: true })
  return [
    after(0, change({ totalSeats: 9, maxSeatsPerBooking: 9 })),
    after(0, number(['A', null, 2], ['B', null, 3]), reserve('gus', { wanted: 9 })),
    // The first line lacks numbers, the other one does not.
    after(0, waits('ida', best(0, 3, 'A'), best(0, 2, 'B'))),
    // Three are left for two lines of two.
    after(0, waits('jon', best(0, 2, null), best(0, 2, null))),
    after(0, cancelOfUser('gus')),
  ]
}
