import type { Metadata } from '../../src/domain/metadata.ts'
import type { SeatingDocument } from '../../src/domain/seating/document.ts'
import type { BestAsked, ModelType, Settings } from './model/types.ts'

/** Who asks: mostly the tenant whose event it is, for any user. */
export interface Asker {
  /** Whether it is another tenant, for whom the event is not there. */
  readonly isStranger: boolean
  /** The only user for whom it may ask; null for any. */
  readonly onlyFor: string | null
}

/** A line that is asked for. Types and seats are picked among those that the event has then. */
export interface LineStep {
  readonly type: number
  readonly seats: number
  readonly labels?: readonly number[]
  readonly best?: BestAsked
}

/** Picks what no event has. */
export const UNKNOWN = 99

/** Seats that are asked for: a number, or lines. */
export type Wanted = number | readonly LineStep[]

/** What a script does to an event; bookings and places in line are picked among those known. */
export type Step = { readonly event: number; readonly by: Asker } & (
  | {
      type: 'reserve'
      user: string
      wanted: Wanted
      hold: boolean
      waitlist: boolean
      metadata: Metadata
    }
  | { type: 'confirm'; pick: number; isLate: boolean }
  | { type: 'extend' | 'cancel' | 'leave_waitlist'; pick: number }
  | { type: 'cancel_of_user'; user: string }
  /** Null: as it was. */
  | { type: 'resize'; pick: number; wanted: Wanted | null; metadata: Metadata | null }
  | { type: 'change_event'; changes: Change; isExpected: boolean }
  | { type: 'delete_event'; force: boolean; isExpected: boolean }
  | { type: 'set_seating'; seating: SeatingDocument }
  | { type: 'block_seats' | 'unblock_seats'; labels: readonly number[] }
  | { type: 'settle' }
)

/** A ticket type with times in seconds from now. */
export type TypeStep = Omit<ModelType, 'salesStartAt' | 'salesEndAt'> & {
  readonly salesStartIn: number | null
  readonly salesEndIn: number | null
}

/** Times in seconds from now. */
export type Change = Partial<
  Omit<Settings, 'salesStartAt' | 'salesEndAt' | 'cancelUntil' | 'waitlistClosesAt' | 'types'>
> & {
  salesStartIn?: number | null
  salesEndIn?: number | null
  cancelIn?: number | null
  waitlistClosesIn?: number | null
  types?: readonly TypeStep[]
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
