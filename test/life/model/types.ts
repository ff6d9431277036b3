import type { Metadata } from '../../../src/domain/metadata.ts'
import type { SeatingDocument } from '../../../src/domain/seating/document.ts'
import type { Asker } from '../script.ts'

/** The ticket type of an event that sells none by name. */
export const DEFAULT = 'default'

export interface ModelLine {
  readonly type: string
  readonly seats: number
  readonly pools: readonly string[]
  readonly labels?: readonly string[]
  readonly best?: BestAsked
}

export interface BestAsked {
  readonly section: string | null
  readonly split: boolean
}

/** A part of a request. */
export type AskedLine = Omit<ModelLine, 'pools'>

/** Of a request: null where it is a number of seats alone. */
export interface Wish {
  readonly seats: number
  readonly lines: readonly AskedLine[] | null
}

export interface ModelBooking {
  readonly ref: number
  readonly user: string
  seats: number
  lines: readonly ModelLine[]
  status: 'held' | 'confirmed'
  expiresAt: number | null
  readonly createdAt: number
  metadata: Metadata
}

export interface ModelEntry {
  readonly ref: number
  readonly user: string
  readonly seats: number
  readonly lines: readonly ModelLine[]
  readonly metadata: Metadata
}

export interface ModelPool {
  readonly key: string
  readonly capacity: number
}

export interface ModelType {
  readonly key: string
  readonly pools: readonly string[]
  readonly maxPerBooking: number | null
  /** Milliseconds, null where there is no bound. */
  readonly salesStartAt: number | null
  readonly salesEndAt: number | null
}

export interface Settings {
  totalSeats: number
  maxSeatsPerBooking: number
  holdSeconds: number
  waitlistPromotesTo: 'held' | 'confirmed'
  /** Milliseconds, null where there is no bound. */
  salesStartAt: number | null
  salesEndAt: number | null
  status: 'draft' | 'on_sale' | 'paused' | 'cancelled'
  cancelUntil: number | null
  waitlistClosesAt: number | null
  pools: readonly ModelPool[]
  types: readonly ModelType[]
  metadata: Metadata
}

/** An event and all that belongs to it. */
export interface ModelEvent {
  now: number
  isDeleted: boolean
  settings: Settings
  bookings: ModelBooking[]
  line: ModelEntry[]
  /** Holds that have ended by themselves, as they were. */
  expired: ModelBooking[]
  /** Numbered seats that are not for sale, with the pools that they take from. */
  blocked: { readonly label: string; readonly pool: string | null }[]
  /** Null where its seats have no numbers. */
  seating: SeatingDocument | null
}

export type ModelCommand = { readonly event: number; readonly by: Asker } & (
  | ({
      type: 'reserve'
      user: string
      hold: boolean
      waitlist: boolean
      metadata: Metadata
    } & Wish)
  | { type: 'confirm'; booking: number; isLate: boolean }
  | { type: 'extend' | 'cancel'; booking: number }
  | { type: 'cancel_of_user'; user: string }
  | { type: 'resize'; booking: number; wish: Wish | null; metadata: Metadata | null }
  | { type: 'leave_waitlist'; entry: number }
  | { type: 'change_event'; changes: Partial<Settings>; isExpected: boolean }
  | { type: 'delete_event'; force: boolean; isExpected: boolean }
  | { type: 'set_seating'; seating: SeatingDocument }
  | { type: 'block_seats' | 'unblock_seats'; labels: readonly string[] }
  | { type: 'settle' }
)

export type CommandOf<T extends ModelCommand['type']> = Extract<ModelCommand, { type: T }>
