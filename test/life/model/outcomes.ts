import type { Asker } from '../script.ts'
import type { ModelBooking, ModelEntry } from './types.ts'

/** Why not, and what that turns on. */
export interface ModelRefused {
  readonly refused: string
  readonly limit?: number
  readonly details?: object
  readonly status?: string
}

export type BookingShown = Omit<ModelBooking, 'ref'>

/** What is compared: `done`, what there is now, or the refusal. */
export type ModelOutcome =
  | 'done'
  | 'seating'
  | { readonly booking: BookingShown }
  | { readonly waiting: Omit<ModelEntry, 'ref'> & { readonly position: number } }
  | { readonly event: EventShown }
  | ModelRefused

export interface EventShown {
  readonly total: number
  readonly booked: number
  readonly held: number
  readonly waiting: number
  readonly blocked: number
  /** What nobody has, of each pool. */
  readonly pools: Readonly<Record<string, number>>
}

export function refused(refusal: string, limit?: number, details?: object): ModelRefused {
  return {
    refused: refusal,
    ...(limit !== undefined && { limit }),
    ...(details !== undefined && { details }),
  }
}

export function shown(booking: ModelBooking): ModelOutcome {
  return { booking: withoutRef(booking) }
}

/** What can be compared with the other world, which knows it by an id. */
export function withoutRef<T extends { readonly ref: number }>(thing: T): Omit<T, 'ref'> {
  const copy: { ref?: number } = { ...thing }
  delete copy.ref
  return copy as Omit<T, 'ref'>
}

/** Whether a moment has come; none never does. */
export function isFrom(moment: number | null, now: number): boolean {
  return moment !== null && now >= moment
}

/** Whether somebody may ask for a user. */
export function isFor({ onlyFor }: Asker, user: string): boolean {
  return onlyFor === null || onlyFor === user
}
