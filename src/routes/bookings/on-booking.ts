import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type {
  CancelCommand,
  ConfirmCommand,
  ExtendCommand,
  ResizeCommand,
} from '../../domain/commands.ts'
import { isOwn } from '../../domain/access.ts'
import type { SuccessOf } from '../../domain/outcomes.ts'
import { originOf, type View } from '../../http/answer.ts'
import { carryOutOn, eventIfOwn } from '../../http/subject.ts'

type BookingCommand = ConfirmCommand | ExtendCommand | CancelCommand | ResizeCommand

/** What a command names of a booking. */
export type Subject = Pick<BookingCommand, 'bookingId' | 'eventId' | 'origin'>

/** Carries out a command on a booking. @param isOfHolds - whether a hold that has ended is 410 */
export async function carryOutOnBooking<C extends BookingCommand, Reply extends FastifyReply>(
  app: FastifyInstance,
  request: FastifyRequest & { params: { id: number } },
  reply: Reply,
  make: (subject: Subject) => C,
  view: View<SuccessOf<C>>,
  { isOfHolds = false }: { isOfHolds?: boolean } = {},
): Promise<Reply> {
  const { id: bookingId } = request.params
  const origin = originOf(request)
  return carryOutOn<C, Reply>(app, request, reply, {
    findEvent: async () => eventIfOwn(origin, await app.reads.eventOfBooking(request, bookingId)),
    make: (eventId) => make({ bookingId, eventId, origin }),
    whyMissing: async () => {
      const expired = isOfHolds ? await app.reads.userOfExpiredHold(request, bookingId) : null
      const isKnown = expired !== null && isOwn(origin, expired.userId)
      return isKnown ? 'hold_expired' : 'booking_not_found'
    },
    view,
  })
}
