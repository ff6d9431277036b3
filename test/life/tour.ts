import type { Round, Script } from './script.ts'
import { fewerNumbersThanSeats, numberedSeats, pooledSeats } from './tour-offer.ts'
import {
  after,
  asked,
  atEvent,
  block,
  cancelOfUser,
  change,
  number,
  on,
  remove,
  reserve,
  resize,
  SETTLE,
  unblock,
} from './tour-steps.ts'

/**
 * One script that meets everything that can happen; random scripts may miss what is rare.
 */
export const TOUR: Script = {
  events: Array<Script['events'][number]>(5).fill({
    totalSeats: 4,
    maxSeatsPerBooking: 2,
    holdSeconds: 5,
    waitlistPromotesTo: 'confirmed',
    salesStartAt: null,
    salesEndAt: null,
    status: 'on_sale',
    cancelUntil: null,
    waitlistClosesAt: null,
    pools: [],
    types: [],
    metadata: {},
  }),
  rounds: [
    ...aHoldUpToItsLimit(),
    ...aHoldThatExpires(),
    ...aLineThatIsServed(),
    ...theSalesWindow(),
    ...othersWhoAsk(),
    ...theEndOfTheEvent(),
    ...aLineThatWaitsForTheSale(),
    ...whatIsTooLate(),
    ...theCancelledEvent(),
    ...pooledSeats().map(atEvent(2)),
    ...numberedSeats().map(atEvent(3)),
    ...fewerNumbersThanSeats().map(atEvent(4)),
  ],
}

function aHoldUpToItsLimit(): Round[] {
  return [
    // Picks: ann at 0, nobody at 1.
    after(0, reserve('ann', { hold: true }), reserve('ann'), reserve('bob', { wanted: 4 })),
    ...[3, 4, 4, 4].map((seconds) => after(seconds, on('extend', 0))),
    after(3, on('extend', 0), on('confirm', 1), on('extend', 1), on('cancel', 1), resize(1, 1)),
    after(0, on('confirm', 0), on('extend', 0), resize(0, 2), on('leave_waitlist', 0)),
  ]
}

function aHoldThatExpires(): Round[] {
  return [
    after(0, reserve('bob', { hold: true })),
    after(5, on('confirm', 1), on('extend', 1), SETTLE),
    after(0, reserve('bob', { hold: true })),
    after(0, cancelOfUser('bob'), cancelOfUser('bob')),
  ]
}

function aLineThatIsServed(): Round[] {
  return [
    after(0, reserve('cid', { wanted: 2 }), reserve('dee'), change({ maxSeatsPerBooking: 6 })),
    after(0, resize(0, 3), resize(0, 7), reserve('eve', { wanted: 5, waitlist: true })),
    // He waits for all four seats, of which one booking's are free in the next round.
    after(0, ...Array(2).fill(reserve('dee', { wanted: 4, waitlist: true }))),
    after(0, change({ totalSeats: 3 }), on('cancel', 1)),
    after(0, change({ totalSeats: 3 })),
    after(0, on('cancel', 0)),
    after(0, reserve('fay', { waitlist: true })),
    after(0, on('leave_waitlist', 0), change({ totalSeats: 8 })),
  ]
}

function theSalesWindow(): Round[] {
  return [
    after(0, change({ salesStartIn: 5 }), reserve('gus')),
    after(0, change({ salesStartIn: null, salesEndIn: 0 }), reserve('gus')),
  ]
}

function othersWhoAsk(): Round[] {
  const stranger = { isStranger: true, onlyFor: null }
  const eve = { isStranger: false, onlyFor: 'eve' }
  const open = change({ salesStartIn: null, salesEndIn: null, totalSeats: 8 })
  return [
    after(0, open),
    after(
      0,
      reserve('gus', { hold: true }),
      reserve('cid'),
      reserve('hal', { wanted: 6, waitlist: true }),
    ),
    after(
      0,
      ...[reserve('ida'), change({ totalSeats: 9 }), remove(true)].map(asked(stranger)),
      ...[on('confirm', 0), on('extend', 0), on('cancel', 0), resize(0, 2)].map(asked(stranger)),
      ...[on('leave_waitlist', 0), reserve('ida'), cancelOfUser('cid')].map(asked(stranger)),
    ),
    after(
      0,
      ...[reserve('ida'), on('confirm', 0), on('cancel', 0), resize(0, 2)].map(asked(eve)),
      ...[on('leave_waitlist', 0), cancelOfUser('cid'), cancelOfUser('eve')].map(asked(eve)),
    ),
  ]
}

function theEndOfTheEvent(): Round[] {
  return [
    after(0, change({ totalSeats: 9 }, false), remove(false, false), remove(false)),
    after(0, remove(true), remove(true), change({ totalSeats: 9 }), reserve('gus')),
    after(0, number(['A', null, 2]), block(0), unblock(0)),
  ]
}

/** Of the other event: the first one is gone. */
function aLineThatWaitsForTheSale(): Round[] {
  return [
    after(0, reserve('ann', { wanted: 2 }), reserve('bob', { wanted: 2, hold: true })),
    after(0, reserve('cid', { waitlist: true }), change({ status: 'paused' })),
    after(0, reserve('dee'), resize(0, 1), resize(0, 2), on('extend', 1)),
    after(0, change({ status: 'draft' }), reserve('dee', { waitlist: true })),
    after(0, change({ status: 'on_sale' })),
  ].map(atEvent(1))
}

function whatIsTooLate(): Round[] {
  return [
    after(0, change({ totalSeats: 5 }), resize(0, 2)),
    after(0, change({ cancelIn: 0, waitlistClosesIn: 0 }), resize(0, 1)),
    after(0, reserve('dee', { hold: true }), reserve('eve', { wanted: 2, waitlist: true })),
    after(0, on('cancel', 0), on('cancel', 1), on('cancel', 2), on('cancel', 3)),
    after(0, change({ maxSeatsPerBooking: 1, cancelIn: null })),
  ].map(atEvent(1))
}

function theCancelledEvent(): Round[] {
  return [
    after(0, change({ waitlistClosesIn: null, totalSeats: 4 }), reserve('fay', { hold: true })),
    after(0, reserve('gus', { waitlist: true }), change({ status: 'paused' })),
    after(0, change({ status: 'cancelled' })),
    after(0, change({ status: 'on_sale' }), reserve('gus'), change({ totalSeats: 9 })),
  ].map(atEvent(1))
}
