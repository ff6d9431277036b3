import type { EndReason } from '../../domain/model.ts'
import { failureOf, type Failure } from '../../http/failure.ts'
import type { Ended } from '../../store/reads/ended-bookings.ts'
import { endedJson } from './view.ts'

/** The states by which lists of what has ended are asked for. */
export const ENDED_STATUSES = ['expired', 'cancelled'] as const
export type EndedStatus = (typeof ENDED_STATUSES)[number]

/** What is listed under each. */
export const REASONS: Readonly<Record<EndedStatus, readonly EndReason[]>> = {
  expired: ['expired'],
  cancelled: ['cancelled', 'released'],
}

const isOneOf = (status: string): status is EndedStatus => Object.hasOwn(REASONS, status)

/** The status, where it is one of what has ended. */
export function endedStatusOf(status: string | undefined): EndedStatus | undefined {
  return status !== undefined && isOneOf(status) ? status : undefined
}

const FAILURES: Readonly<Record<EndReason, Failure>> = {
  expired: failureOf('hold_expired'),
  cancelled: failureOf('booking_ended', 'The booking was cancelled'),
  released: failureOf('booking_ended', 'The hold was released'),
}

/** What to answer to who asks for a booking that has ended: why, and its last state, as far as it is known. */
export function failureOfEnded({ reason, booking }: Ended): Failure {
  const failure = FAILURES[reason]
  return booking === null ? failure : { ...failure, members: { booking: endedJson(booking) } }
}
