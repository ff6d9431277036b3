import type { EventSettings } from '../model.ts'
import type { Asked, OfEvent } from './asked.ts'

/** What can be asked for of an event as a whole. */

/** Make an event. */
export interface CreateEventCommand extends Asked {
  readonly type: 'create_event'
  readonly settings: EventSettings
}

/** The fingerprints (see `fingerprintOf`) of which the event must have one; null for any event. */
export type ExpectedFingerprints = readonly string[] | null

/** Change an event's settings, its capacity among others. */
export interface ChangeEventCommand extends OfEvent {
  readonly type: 'change_event'
  readonly changes: Partial<EventSettings>
  readonly expected: ExpectedFingerprints
}

/** Delete an event; with its bookings only where that is forced. */
export interface DeleteEventCommand extends OfEvent {
  readonly type: 'delete_event'
  readonly force: boolean
  readonly expected: ExpectedFingerprints
}

/** End holds that have expired and serve the waitlist, as happens before every other command. */
export interface SettleCommand extends OfEvent {
  readonly type: 'settle'
}
