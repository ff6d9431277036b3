import { Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { RULE_KEYWORD } from '../../config/describe-rule.ts'
import type { BookingStatus, EndReason } from '../../domain/model.ts'
import { idOfReference } from '../../domain/reference.ts'
import { HttpError } from '../../http/errors.ts'
import { endedStatusOf, REASONS, type EndedStatus } from './ended.ts'
import { bookingJson, endedJson, type ShownBooking } from './view.ts'

const RULE = 'the reference of a booking, such as TFP7XJZ3'

/** With room for those who write it in groups. */
const MAX_LENGTH = 40

export const Reference = Type.String({
  maxLength: MAX_LENGTH,
  [RULE_KEYWORD]: RULE,
  description:
    'Only the booking with this reference. Case, spaces and hyphens in it make no difference',
})

/** What else a list asks of its bookings. */
interface Filters {
  readonly eventId: number | undefined
  readonly userId: string | undefined
  readonly status: BookingStatus | EndedStatus | undefined
}

/**
 * The booking with this reference, if it is there and a list with these filters would have it. It is
 * read by its id, as a single booking is.
 *
 * @throws HttpError `validation_failed` where no booking can have that reference
 */
export async function bookingsOfReference(
  { reads }: Pick<FastifyInstance, 'reads'>,
  request: FastifyRequest,
  reference: string,
  filters: Filters,
): Promise<ShownBooking[]> {
  const id = idOfReference(reference)
  if (id === undefined) {
    throw new HttpError('validation_failed', { text: `reference must be ${RULE}` })
  }
  const endedStatus = endedStatusOf(filters.status)
  if (endedStatus === undefined) {
    const booking = await reads.booking(request, id)
    const isListed = (filters.status ?? booking?.status) === booking?.status
    return booking !== null && isListed && isAmong(booking, filters) ? [bookingJson(booking)] : []
  }
  const ended = (await reads.endedBooking(request, id))?.booking ?? null
  const reasons: readonly EndReason[] = REASONS[endedStatus]
  const isListed = ended !== null && reasons.includes(ended.reason) && isAmong(ended, filters)
  return isListed ? [endedJson(ended)] : []
}

function isAmong(
  booking: { readonly eventId: number; readonly userId: string },
  { eventId = booking.eventId, userId = booking.userId }: Filters,
): boolean {
  return booking.eventId === eventId && booking.userId === userId
}
