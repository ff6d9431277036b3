import type { Metadata } from './metadata.ts'
import type { BookingStatus, EventSettings, Line } from './model.ts'
import type { Seating } from './seating/seating.ts'

/**
 * What can happen to an event, and what each fact is about. The types, the OpenAPI document and the
 * tests are made from this one table. The names are part of the contract: they stand in histories
 * that are stored, so none is ever renamed.
 */
const FACT_TYPES = {
  event_created: 'event',
  settings_changed: 'event',
  capacity_changed: 'event',
  event_deleted: 'event',
  seating_changed: 'event',
  seats_blocked: 'event',
  seats_unblocked: 'event',
  booked: 'booking',
  held: 'booking',
  promoted: 'booking',
  confirmed: 'booking',
  extended: 'booking',
  resized: 'booking',
  metadata_changed: 'booking',
  cancelled: 'booking',
  released: 'booking',
  expired: 'booking',
  reacquired: 'booking',
  waitlisted: 'entry',
  left_waitlist: 'entry',
} as const

export type FactType = keyof typeof FACT_TYPES

export const FACT_TYPE_NAMES = Object.keys(FACT_TYPES).filter(isFactType)

function isFactType(name: string): name is FactType {
  return Object.hasOwn(FACT_TYPES, name)
}

type Subject = (typeof FACT_TYPES)[FactType]
type TypesAbout<S extends Subject> = {
  [T in FactType]: (typeof FACT_TYPES)[T] extends S ? T : never
}[FactType]

/** Where and when a fact stands in its event's history. */
interface Stamp {
  readonly eventId: number
  /** Whose event it is. */
  readonly tenantId: string
  /** Counts the facts of the event from 1, without a gap. */
  readonly sequence: number
  /** The database's clock. */
  readonly at: Date
  /** Who did it: see `Caller`. */
  readonly actor: string | null
  readonly requestId: string | null
}

/** Before and after: of the booking, the waitlist entry or, of an event, its capacity. */
interface SeatsChange {
  readonly seatsBefore: number
  readonly seatsAfter: number
}

/** A booking was made, changed or ended. */
export interface BookingFact extends Stamp, SeatsChange {
  readonly type: TypesAbout<'booking'>
  readonly bookingId: number
  readonly userId: string
  /** The booking's status after the fact; null where it is gone. */
  readonly status: BookingStatus | null
  /** Those after the fact, or that it had, where it is gone; null where all are of the default type. */
  readonly lines: readonly Line[] | null
  readonly expiresAt: Date | null
  /** Of a promotion: the waitlist entry that was served; null otherwise. */
  readonly waitlistEntryId: number | null
  /** Of the booking after the fact; absent where it has none from the start, or those of before. */
  readonly metadata?: Metadata
}

/** A waitlist entry was made or given up. */
export interface EntryFact extends Stamp, SeatsChange {
  readonly type: TypesAbout<'entry'>
  readonly waitlistEntryId: number
  readonly userId: string
  /** Those after the fact, or that it had, where it is gone; null where all are of the default type. */
  readonly lines: readonly Line[] | null
  /** Of an entry that was made; absent where it has none. */
  readonly metadata?: Metadata
}

export interface EventCreated extends Stamp, SeatsChange {
  readonly type: 'event_created'
  /** Null in histories of before settings were facts. */
  readonly settings: EventSettings | null
}

export interface SettingsChanged extends Stamp, SeatsChange {
  readonly type: 'settings_changed'
  /** Those that changed; the capacity has a fact of its own. */
  readonly settings: Partial<Omit<EventSettings, 'totalSeats'>>
}

export interface CapacityChanged extends Stamp, SeatsChange {
  readonly type: 'capacity_changed'
}

export interface EventDeleted extends Stamp, SeatsChange {
  readonly type: 'event_deleted'
}

export interface SeatingChanged extends Stamp, SeatsChange {
  readonly type: 'seating_changed'
  /** The digest of the document; null where the seats have no numbers any more. */
  readonly digest: string | null
  /** Null also in a history: it may be large, and is kept once. */
  readonly seating: Seating | null
}

/** Numbered seats were taken from sale, or given back to it; those of one pool. */
export interface SeatsBlocked extends Stamp, SeatsChange {
  readonly type: 'seats_blocked' | 'seats_unblocked'
  readonly labels: readonly string[]
  /** Null for the seats of the event alone. */
  readonly pool: string | null
}

export type EventFact =
  EventCreated | SettingsChanged | CapacityChanged | EventDeleted | SeatingChanged | SeatsBlocked

export type Fact = BookingFact | EntryFact | EventFact

type WithoutStamp<F> = F extends Fact ? Omit<F, keyof Stamp> : never

/** A fact that has no place in the history yet. */
export type NewFact = WithoutStamp<Fact>

export function isBookingFact(fact: Fact): fact is BookingFact {
  return FACT_TYPES[fact.type] === 'booking'
}

export function isEntryFact(fact: Fact): fact is EntryFact {
  return FACT_TYPES[fact.type] === 'entry'
}
