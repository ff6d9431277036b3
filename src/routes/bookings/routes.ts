import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import { isOwn } from '../../domain/access.ts'
import { carryOut, originOf, viewNothing } from '../../http/answer.ts'
import { HttpError } from '../../http/errors.ts'
import { failureOf, sendFailure } from '../../http/failure.ts'
import { fillUserId } from '../../http/own-user.ts'
import { scoped } from '../../http/scoped.ts'
import { shownAs } from '../../http/shown.ts'
import {
  cancelOfUserSchema,
  cancelSchema,
  confirmSchema,
  extendSchema,
  resizeSchema,
} from './change-schemas.ts'
import { seatsAsked } from './lines.ts'
import { carryOutOnBooking, type Subject } from './on-booking.ts'
import { failureOfEnded } from './ended.ts'
import { reserveCommand } from './reserve.ts'
import { BookingPatchSchema } from './resources.ts'
import { getBookingSchema } from './read-schemas.ts'
import { reserveSchema } from './schemas.ts'
import { bookingJson, viewBooking, viewReservation } from './view.ts'

const reading = scoped('bookings:read')
const writing = scoped('bookings:write')

const sendBooking = shownAs(bookingJson)
const OF_HOLDS = { isOfHolds: true }
const NOTHING_TO_CHANGE = `At least one of ${Object.keys(BookingPatchSchema.properties).join(', ')} is required`

/** Bookings over HTTP. Translates to commands and back; the rules stand in src/domain. */
const bookingRoutes: FastifyPluginCallbackTypebox = (app, _options, done) => {
  const reserveOptions = { ...writing(reserveSchema), preValidation: fillUserId('body') }
  app.post('/bookings/reserve', reserveOptions, async (request, reply) => {
    const command = reserveCommand(request.body.event_id, request.body, originOf(request))
    // From here the command goes to engine/batch.ts, which locks the event FOR UPDATE and commits.
    return carryOut(app, request, reply, command, viewReservation)
  })

  app.get('/bookings/:id(^\\d+$)', reading(getBookingSchema), async (request, reply) => {
    const booking = await app.reads.booking(request, request.params.id)
    if (booking !== null && isOwn(request.caller, booking.userId)) {
      return sendBooking(reply, booking)
    }
    const ended = await app.reads.endedBooking(request, request.params.id)
    const isKnown = ended !== null && isOwn(request.caller, ended.userId)
    const failure = isKnown ? failureOfEnded(ended) : failureOf('booking_not_found')
    return sendFailure(request, reply, failure)
  })

  app.post('/bookings/:id(^\\d+$)/confirm', writing(confirmSchema), async (request, reply) => {
    const reacquire = isReacquiring(request.body)
    const confirm = (subject: Subject) => ({ type: 'confirm', ...subject, reacquire }) as const
    const options = { ...OF_HOLDS, mayHaveEnded: reacquire }
    return carryOutOnBooking(app, request, reply, confirm, viewBooking, options)
  })

  app.post('/bookings/:id(^\\d+$)/extend', writing(extendSchema), async (request, reply) => {
    const extend = (subject: Subject) => ({ type: 'extend', ...subject }) as const
    return carryOutOnBooking(app, request, reply, extend, viewBooking, OF_HOLDS)
  })

  app.patch('/bookings/:id(^\\d+$)', writing(resizeSchema), async (request, reply) => {
    const asked = seatsAsked(request.body)
    const { metadata } = request.body
    if (asked === undefined && metadata === undefined) {
      throw new HttpError('missing_fields', { text: NOTHING_TO_CHANGE })
    }
    const change = { ...asked, metadata }
    const resize = (subject: Subject) => ({ type: 'resize', ...subject, ...change }) as const
    return carryOutOnBooking(app, request, reply, resize, viewBooking)
  })

  app.delete('/bookings/:id(^\\d+$)', writing(cancelSchema), async (request, reply) => {
    const cancel = (subject: Subject) => ({ type: 'cancel', ...subject }) as const
    return carryOutOnBooking(app, request, reply, cancel, viewNothing)
  })

  const ofUserOptions = { ...writing(cancelOfUserSchema), preValidation: fillUserId('query') }
  app.delete('/bookings', ofUserOptions, async (request, reply) => {
    const { event_id: eventId, user_id: userId } = request.query
    const command = { type: 'cancel_of_user', eventId, userId, origin: originOf(request) } as const
    return carryOut(app, request, reply, command, viewNothing)
  })
  done()
}

function isReacquiring(body: unknown): boolean {
  const isObject = typeof body === 'object' && body !== null
  return isObject && 'reacquire' in body && body.reacquire === true
}

export default bookingRoutes
