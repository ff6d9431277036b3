import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type {
  CancelCommand,
  ConfirmCommand,
  ExtendCommand,
  ResizeCommand,
} from '../../domain/commands/bookings.ts'
import { isOwn } from '../../domain/access.ts'
import type { SuccessOf } from '../../domain/successes.ts'
import { originOf, type View } from '../../http/answer.ts'
import { carryOutOn, eventIfOwn } from '../../http/subject.ts'

type BookingCommand = ConfirmCommand | ExtendCommand | CancelCommand | ResizeCommand

/** What a command names of a booking. */
export type Subject = Pick<BookingCommand, 'bookingId' | 'eventId' | 'origin'>

interface Options {
  /** Whether a hold that has ended is 410. */
  readonly isOfHolds?: boolean
  /** Whether the command may be about one. */
  readonly mayHaveEnded?: boolean
}

/** Carries out a command on a booking. */
export async function carryOutOnBooking<C extends BookingCommand, Reply extends FastifyReply>(
  app: FastifyInstance,
  request: FastifyRequest & { params: { id: number } },
  reply: Reply,
  make: (subject: Subject) => C,
  view: View<SuccessOf<C>>,
  { isOfHolds = false, mayHaveEnded = false }: Options = {},
): Promise<Reply> {
  const { id: bookingId } = request.params
  const origin = originOf(request)
  const ownExpired = async () => {
    const expired = await app.reads.expiredHold(request, bookingId)
    return expired !== null && isOwn(origin, expired.userId) ? expired : null
  }
  return carryOutOn<C, Reply>(app, request, reply, {
    findEvent: async () => {
      const eventId = eventIfOwn(origin, await app.reads.eventOfBooking(request, bookingId))
      if (eventId !== null || !mayHaveEnded) return eventId
      return (await ownExpired())?.eventId ?? null
    },
    make: (eventId) => make({ bookingId, eventId, origin }),
    whyMissing: async () => {
      const isKnown = isOfHolds && (await ownExpired()) !== null
      return isKnown ? 'hold_expired' : 'booking_not_found'
    },
    view,
  })
}
