import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { carryOut, type Represent } from '../../http/answer.ts'
import { answerMissing } from '../../http/missing.ts'
import type {
  CancelCommand,
  ConfirmCommand,
  ExtendCommand,
  Refusal,
  ResizeCommand,
} from '../../domain/commands.ts'
import type { Sql } from '../../store/rows.ts'
import { findEventOfBooking, hasHoldExpired } from '../../store/reads/bookings.ts'

type BookingCommand = ConfirmCommand | ExtendCommand | CancelCommand | ResizeCommand
type WithoutOrigin<C> = C extends BookingCommand ? Omit<C, 'eventId' | 'requestId'> : never

/**
 * Carries out a command on a booking. Its event is looked up first, without a lock: bookings never
 * move to another event, and whether this one is still there is decided under the event's lock.
 */
export async function carryOutOnBooking<Reply extends FastifyReply>(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: Reply,
  command: WithoutOrigin<BookingCommand>,
  represent: Represent,
): Promise<Reply> {
  const { bookingId, type } = command
  const eventId = await app.lookUp((sql) => findEventOfBooking(sql, bookingId))
  if (eventId !== null) {
    const origin = { eventId, requestId: request.id }
    return carryOut(app.reservations, request, reply, { ...command, ...origin }, represent)
  }
  const isOfHolds = type === 'confirm' || type === 'extend'
  const why = async (sql: Sql): Promise<Refusal> =>
    isOfHolds && (await hasHoldExpired(sql, bookingId)) ? 'hold_expired' : 'booking_not_found'
  return app.lookUp((sql) => answerMissing(sql, request, reply, represent, why))
}
