import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import { carryOut, originOf, viewNothing } from '../../http/answer.ts'
import { failureOf, sendFailure } from '../../http/failure.ts'
import { decodeCursor, encodeCursor, limitOf } from '../../http/paging.ts'
import { shownAs, shownAsIs } from '../../http/shown.ts'
import { listBookings, type BookingQuery } from '../../store/reads/booking-lists.ts'
import { carryOutOnBooking, type Subject } from './on-booking.ts'
import {
  cancelSchema,
  confirmSchema,
  extendSchema,
  getBookingSchema,
  listBookingsSchema,
  reserveSchema,
  resizeSchema,
} from './schemas.ts'
import { bookingJson, viewBooking, viewReservation } from './view.ts'

const sendPage = shownAsIs()
const sendBooking = shownAs(bookingJson)
const OF_HOLDS = { isOfHolds: true }

/** Bookings over HTTP. Translates to commands and back; the rules stand in src/domain. */
const bookingRoutes: FastifyPluginCallbackTypebox = (app, _options, done) => {
  app.post('/bookings/reserve', { schema: reserveSchema }, async (request, reply) => {
    const { event_id: eventId, user_id: userId, seats, hold, waitlist } = request.body
    const command = {
      type: 'reserve',
      eventId,
      origin: originOf(request),
      userId,
      seats: seats ?? 1,
      hold: hold ?? false,
      waitlist: waitlist ?? false,
    } as const
    // From here the command goes to engine/batch.ts, which locks the event FOR UPDATE and commits.
    return carryOut(app, request, reply, command, viewReservation)
  })

  const readPage = app.listReader(async (sql, query: BookingQuery) => {
    const { rows, next } = await listBookings(sql, query)
    return { bookings: rows.map(bookingJson), next_cursor: encodeCursor('bookings', next) }
  })
  app.get('/bookings', { schema: listBookingsSchema }, async (request, reply) => {
    const { event_id: eventId, user_id: userId, status, cursor } = request.query
    const [afterId] = decodeCursor(cursor, 'bookings', ['id']) ?? [0]
    const query = { eventId, userId, status, afterId, limit: limitOf(request.query) }
    return sendPage(reply, await readPage(request, query))
  })

  app.get('/bookings/:id(^\\d+$)', { schema: getBookingSchema }, async (request, reply) => {
    const booking = await app.reads.booking(request, request.params.id)
    return booking === null
      ? sendFailure(request, reply, failureOf('booking_not_found'))
      : sendBooking(reply, booking)
  })

  app.post('/bookings/:id(^\\d+$)/confirm', { schema: confirmSchema }, async (request, reply) => {
    const confirm = (subject: Subject) => ({ type: 'confirm', ...subject }) as const
    return carryOutOnBooking(app, request, reply, confirm, viewBooking, OF_HOLDS)
  })

  app.post('/bookings/:id(^\\d+$)/extend', { schema: extendSchema }, async (request, reply) => {
    const extend = (subject: Subject) => ({ type: 'extend', ...subject }) as const
    return carryOutOnBooking(app, request, reply, extend, viewBooking, OF_HOLDS)
  })

  app.patch('/bookings/:id(^\\d+$)', { schema: resizeSchema }, async (request, reply) => {
    const { seats } = request.body
    const resize = (subject: Subject) => ({ type: 'resize', ...subject, seats }) as const
    return carryOutOnBooking(app, request, reply, resize, viewBooking)
  })

  app.delete('/bookings/:id(^\\d+$)', { schema: cancelSchema }, async (request, reply) => {
    const cancel = (subject: Subject) => ({ type: 'cancel', ...subject }) as const
    return carryOutOnBooking(app, request, reply, cancel, viewNothing)
  })
  done()
}

export default bookingRoutes
