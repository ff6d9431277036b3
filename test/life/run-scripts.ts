import fc from 'fast-check'
import type { Test } from 'tap'
import { FACT_TYPE_NAMES } from '../../src/domain/facts.ts'
import { seedFor } from '../helpers/random.ts'
import { follow, type System } from './follow.ts'
import { scripts } from './script-steps.ts'
import { TOUR } from './tour.ts'

// Random scripts of all operations, with time passing, on a system and on a simple model: see model/
// for the rules once more, follow.ts for what is compared.

/** Events are made before a script begins: that is seen in test/domain/. */
const ELSEWHERE: ReadonlySet<string> = new Set(['event_created'])

/**
 * All that can happen: a run that did not see one of them has not tested it. That nobody else may join a line which
 * is too varied takes a thousand who wait: it is in test/domain/decide-waitlist.test.ts.
 */
export const EVERYTHING = [
  'reserve: booking',
  'reserve: waiting',
  'reserve: event_not_found',
  'reserve: user_mismatch',
  'reserve: not_on_sale',
  'reserve: too_many_seats',
  'reserve: already_booked',
  'reserve: already_waiting',
  'reserve: sales_not_open',
  'reserve: sales_closed',
  'reserve: sold_out',
  'reserve: exceeds_capacity',
  'reserve: waitlist_closed',
  'reserve: unknown_ticket_type',
  'reserve: lines_required',
  'reserve: labels_invalid',
  'reserve: unknown_section',
  'reserve: seats_taken',
  'reserve: seats_not_together',
  'confirm: booking',
  'confirm: hold_expired',
  'confirm: booking_not_found',
  'confirm: already_booked',
  'confirm: not_on_sale',
  'confirm: sold_out',
  'confirm: seats_taken',
  'extend: booking',
  'extend: hold_expired',
  'extend: booking_not_found',
  'extend: not_held',
  'extend: hold_limit_reached',
  'cancel: done',
  'cancel: booking_not_found',
  'cancel: cancellation_closed',
  'cancel_of_user: done',
  'cancel_of_user: booking_not_found',
  'cancel_of_user: user_mismatch',
  'resize: booking',
  'resize: booking_not_found',
  'resize: not_on_sale',
  'resize: cancellation_closed',
  'resize: too_many_seats',
  'resize: sold_out',
  'resize: unknown_ticket_type',
  'resize: lines_required',
  'resize: labels_invalid',
  'resize: unknown_section',
  'resize: seats_taken',
  'resize: seats_not_together',
  'resize: sales_not_open',
  'resize: sales_closed',
  'leave_waitlist: done',
  'leave_waitlist: waitlist_entry_not_found',
  'change_event: event',
  'change_event: event_not_found',
  'change_event: event_changed',
  'change_event: event_cancelled',
  'change_event: capacity_below_taken',
  'change_event: capacity_below_waiting',
  'change_event: unknown_pool',
  'delete_event: done',
  'delete_event: event_not_found',
  'delete_event: event_changed',
  'delete_event: event_has_bookings',
  'set_seating: seating',
  'set_seating: event_not_found',
  'set_seating: unknown_pool',
  'set_seating: seats_taken',
  'block_seats: done',
  'block_seats: event_not_found',
  'block_seats: labels_invalid',
  'block_seats: seats_taken',
  'block_seats: sold_out',
  'unblock_seats: done',
  'unblock_seats: event_not_found',
  'unblock_seats: labels_invalid',
  'settle: done',
  ...FACT_TYPE_NAMES.filter((type) => !ELSEWHERE.has(type)),
].map((name) => (name.includes(':') ? name : `history: ${name}`))

/** Follows random scripts, and the tour. */
export async function runScripts(
  t: Test,
  createSystem: () => System,
  { runs, maxRounds }: { runs: number; maxRounds: number },
): Promise<void> {
  const seen = new Set<string>()
  const property = fc.asyncProperty(scripts({ maxRounds }), (script) =>
    follow(createSystem(), script, seen),
  )
  await fc.assert(property, {
    numRuns: runs,
    seed: seedFor(t),
    endOnFailure: false,
    // Random scripts alone would miss what is rare now and then.
    examples: [[TOUR]],
  })
  t.same(
    EVERYTHING.filter((name) => !seen.has(name)),
    [],
    'everything that can happen did',
  )
}
