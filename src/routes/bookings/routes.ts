import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import { isOwn } from '../../domain/access.ts'
import { carryOut, originOf, viewNothing } from '../../http/answer.ts'
import { failureOf, sendFailure } from '../../http/failure.ts'
import { fillUserId, userAskedFor } from '../../http/own-user.ts'
import { decodeCursor, encodeCursor, limitOf } from '../../http/paging.ts'
import { scoped } from '../../http/scoped.ts'
import { pagesShown, shownAs } from '../../http/shown.ts'
import { listBookings, type BookingQuery } from '../../store/reads/booking-lists.ts'
import { cancelSchema, confirmSchema, extendSchema, resizeSchema } from './change-schemas.ts'
import { carryOutOnBooking, type Subject } from './on-booking.ts'
import { getBookingSchema, listBookingsSchema, reserveSchema } from './schemas.ts'
import { bookingJson, viewBooking, viewReservation } from './view.ts'

const reading = scoped('bookings:read')
const writing = scoped('bookings:write')

const sendPage = pagesShown()
const sendBooking = shownAs(bookingJson)
const OF_HOLDS = { isOfHolds: true }

/** Bookings over HTTP. Translates to commands and back; the rules stand in src/domain. */
const bookingRoutes: FastifyPluginCallbackTypebox = (app, _options, done) => {
  const reserveOptions = { ...writing(reserveSchema), preValidation: fillUserId }
  app.post('/bookings/reserve', reserveOptions, async (request, reply) => {
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
  app.get('/bookings', reading(listBookingsSchema), async (request, reply) => {
    const { event_id: eventId, user_id: asked, status, cursor } = request.query
    const userId = userAskedFor(request.caller, asked)
    const [afterId] = decodeCursor(cursor, 'bookings', ['id']) ?? [0]
    const { tenantId } = request.caller
    const query = { tenantId, eventId, userId, status, afterId, limit: limitOf(request.query) }
    return sendPage(reply, await readPage(request, query))
  })

  app.get('/bookings/:id(^\\d+$)', reading(getBookingSchema), async (request, reply) => {
    const booking = await app.reads.booking(request, request.params.id)
    return booking === null || !isOwn(request.caller, booking.userId)
      ? sendFailure(request, reply, failureOf('booking_not_found'))
      : sendBooking(reply, booking)
  })

  app.post('/bookings/:id(^\\d+$)/confirm', writing(confirmSchema), async (request, reply) => {
    const confirm = (subject: Subject) => ({ type: 'confirm', ...subject }) as const
    return carryOutOnBooking(app, request, reply, confirm, viewBooking, OF_HOLDS)
  })

  app.post('/bookings/:id(^\\d+$)/extend', writing(extendSchema), async (request, reply) => {
    const extend = (subject: Subject) => ({ type: 'extend', ...subject }) as const
    return carryOutOnBooking(app, request, reply, extend, viewBooking, OF_HOLDS)
  })

  app.patch('/bookings/:id(^\\d+$)', writing(resizeSchema), async (request, reply) => {
    const { seats } = request.body
    const resize = (subject: Subject) => ({ type: 'resize', ...subject, seats }) as const
    return carryOutOnBooking(app, request, reply, resize, viewBooking)
  })

  app.delete('/bookings/:id(^\\d+$)', writing(cancelSchema), async (request, reply) => {
    const cancel = (subject: Subject) => ({ type: 'cancel', ...subject }) as const
    return carryOutOnBooking(app, request, reply, cancel, viewNothing)
  })
  done()
}

export default bookingRoutes
