import type {
  ChangeEventCommand,
  CreateEventCommand,
  DeleteEventCommand,
  ExpectedFingerprints,
} from '../commands/events.ts'
import type { SettingsChanged } from '../facts.ts'
import { fingerprintOf } from '../fingerprint.ts'
import type { EventSettings } from '../model.ts'
import { DONE, refuse, type Outcome, type Refused } from '../outcomes.ts'
import { isSalesWindow } from '../policy.ts'
import { viewOf } from '../capacity.ts'
import type { EventState } from '../state.ts'
import type { Ledger } from './ledger.ts'
import { obstacleToCapacities, refusalOfOffer } from './pools.ts'
import { refusalOfSections } from './seating.ts'
import { serveWaitlist } from './serve.ts'
import { isUnsettled } from './settle.ts'
import { LATER, type Verdict } from './verdict.ts'

export function createEvent(ledger: Ledger, { settings, origin }: CreateEventCommand): Outcome {
  if (!isSalesWindow(settings)) return refuse('sales_window_invalid')
  const refused = refusalOfOffer(settings)
  if (refused !== undefined) return refused
  const seats = { seatsBefore: 0, seatsAfter: settings.totalSeats }
  const event = ledger.begin(origin.tenantId, { type: 'event_created', settings, ...seats })
  return { kind: 'event', event: viewOf(event) }
}

export function changeEvent(
  ledger: Ledger,
  event: EventState,
  { changes, expected }: ChangeEventCommand,
): Verdict {
  if (!isExpected(event, expected)) return refuse('event_changed')
  const changed = { ...event.settings, ...changes }
  if (!isSalesWindow(changed)) return refuse('sales_window_invalid')
  const isCancelled = event.settings.status === 'cancelled'
  if (isCancelled && changed.status !== 'cancelled') return refuse('event_cancelled')
  const refused = refusalOfOffer(changed) ?? refusalOfOldSections(event, changed)
  if (refused !== undefined) return refused
  const obstacle = obstacleToCapacities(event, changed)
  if (obstacle !== undefined) return obstacle
  const { totalSeats: seatsBefore } = event.settings
  const { totalSeats: seatsAfter } = changed
  if (seatsAfter !== seatsBefore) {
    ledger.record(event, { type: 'capacity_changed', seatsBefore, seatsAfter })
  }
  const settings = differencesIn(changes, event.settings)
  if (Object.keys(settings).length > 0) {
    const seats = { seatsBefore: seatsAfter, seatsAfter }
    ledger.record(event, { type: 'settings_changed', settings, ...seats })
  }
  serveWaitlist(ledger, event)
  return { kind: 'event', event: viewOf(event) }
}

export function deleteEvent(
  ledger: Ledger,
  event: EventState,
  { force, expected }: DeleteEventCommand,
): Verdict {
  if (!isExpected(event, expected)) return refuse('event_changed')
  const obstacle = force ? undefined : obstacleToDeletion(event)
  if (obstacle !== undefined) return obstacle
  const seatsBefore = event.settings.totalSeats
  ledger.record(event, { type: 'event_deleted', seatsBefore, seatsAfter: 0 })
  return DONE
}

/** Why the event can't go without force; undefined where it can. */
function obstacleToDeletion(event: EventState): Verdict | undefined {
  const { takenSeats, remainder } = event
  if (takenSeats > 0 && !remainder.hasMoreExpired) return refuse('event_has_bookings')
  // Somebody may be served yet, who then has a booking.
  return isUnsettled(event) ? LATER : undefined
}

/** What takes a pool away that a section is for. */
function refusalOfOldSections(
  { occupancy }: EventState,
  changed: EventSettings,
): Refused | undefined {
  return occupancy === null ? undefined : refusalOfSections(occupancy.seating, changed)
}

function isExpected(event: EventState, expected: ExpectedFingerprints): boolean {
  return expected === null || expected.includes(fingerprintOf(viewOf(event)))
}

/** The settings that get another value; the capacity is a matter of its own. */
function differencesIn(
  changes: Partial<EventSettings>,
  settings: EventSettings,
): SettingsChanged['settings'] {
  const before: Partial<Record<string, unknown>> = { ...settings }
  return Object.fromEntries(
    Object.entries(changes).filter(
      ([name, value]) =>
        name !== 'totalSeats' && JSON.stringify(value) !== JSON.stringify(before[name]),
    ),
  )
}
