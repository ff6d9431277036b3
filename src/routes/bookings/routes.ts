import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import { carryOut } from '../../http/answer.ts'
import { failureOf, sendFailure } from '../../http/failure.ts'
import { decodeCursor, limits, pageOf } from '../../http/paging.ts'
import { carryOutOnBooking } from './command.ts'
import {
  representBooking,
  representChanged,
  representNothing,
  representReservation,
} from './view.ts'
import {
  cancelSchema,
  confirmSchema,
  extendSchema,
  getBookingSchema,
  listBookingsSchema,
  reserveSchema,
  resizeSchema,
} from './schemas.ts'
import { listBookings, readBooking } from '../../store/reads/bookings.ts'

/** Bookings over HTTP. Translates to commands and back; the rules stand in src/domain. */
const bookingRoutes: FastifyPluginCallbackTypebox = (app, _options, done) => {
  app.post('/bookings/reserve', { schema: reserveSchema }, async (request, reply) => {
    const { event_id: eventId, user_id: userId, seats, hold, waitlist } = request.body
    const command = {
      type: 'reserve',
      eventId,
      requestId: request.id,
      userId,
      seats: seats ?? 1,
      hold: hold ?? false,
      waitlist: waitlist ?? false,
    } as const
    return carryOut(app.reservations, request, reply, command, representReservation)
  })

  app.get('/bookings', { schema: listBookingsSchema }, async (request, reply) => {
    const { event_id: eventId, user_id: userId, status, cursor } = request.query
    const { limit, toRead } = limits(request.query.limit)
    const [afterId] = decodeCursor(cursor, 'bookings', ['id']) ?? [0]
    const query = { eventId, userId, status, afterId, limit: toRead }
    const bookings = await app.onDatabase((sql) => listBookings(sql, query))
    const page = pageOf(bookings, limit, 'bookings', ({ id }) => [id])
    return reply.send({ bookings: page.rows.map(representBooking), next_cursor: page.nextCursor })
  })

  app.get('/bookings/:id(^\\d+$)', { schema: getBookingSchema }, async (request, reply) => {
    const booking = await app.onDatabase((sql) => readBooking(sql, request.params.id))
    return booking === null
      ? sendFailure(request, reply, failureOf('booking_not_found'))
      : reply.send(representBooking(booking))
  })

  app.post('/bookings/:id(^\\d+$)/confirm', { schema: confirmSchema }, async (request, reply) => {
    const command = { type: 'confirm', bookingId: request.params.id } as const
    return carryOutOnBooking(app, request, reply, command, representChanged)
  })

  app.post('/bookings/:id(^\\d+$)/extend', { schema: extendSchema }, async (request, reply) => {
    const command = { type: 'extend', bookingId: request.params.id } as const
    return carryOutOnBooking(app, request, reply, command, representChanged)
  })

  app.patch('/bookings/:id(^\\d+$)', { schema: resizeSchema }, async (request, reply) => {
    const { seats } = request.body
    const command = { type: 'resize', bookingId: request.params.id, seats } as const
    return carryOutOnBooking(app, request, reply, command, representChanged)
  })

  app.delete('/bookings/:id(^\\d+$)', { schema: cancelSchema }, async (request, reply) => {
    const command = { type: 'cancel', bookingId: request.params.id } as const
    return carryOutOnBooking(app, request, reply, command, representNothing)
  })
  done()
}

export default bookingRoutes
