import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import { listsShown } from '../../http/listed.ts'
import { userAskedFor } from '../../http/own-user.ts'
import { decodeCursor, encodeCursor, limitOf } from '../../http/paging.ts'
import { scoped } from '../../http/scoped.ts'
import { listBookings, type BookingQuery } from '../../store/reads/booking-lists.ts'
import { listEndedBookings, type EndedQuery } from '../../store/reads/ended-lists.ts'
import { REASONS } from './ended.ts'
import { bookingsOfReference } from './reference.ts'
import { listBookingsSchema } from './read-schemas.ts'
import { BOOKING_CSV, bookingJson, endedJson, type BookingPage } from './view.ts'

const sendList = listsShown(BOOKING_CSV, ({ bookings }: BookingPage) => bookings)

/** A cursor of before there were two orders is one of the ascending list. */
function listOf({ order }: Pick<BookingQuery, 'order'>, name = 'bookings'): string {
  return order === 'desc' ? `${name}/desc` : name
}

const ENDED = 'bookings/ended'

/** Lists of bookings over HTTP: of those that are there, and of those that have ended. */
const bookingListRoutes: FastifyPluginCallbackTypebox = (app, _options, done) => {
  const readPage = app.listReader(async (sql, query: BookingQuery) => {
    const { rows, next } = await listBookings(sql, query)
    return { bookings: rows.map(bookingJson), next_cursor: encodeCursor(listOf(query), next) }
  })
  const readEndedPage = app.listReader(async (sql, query: EndedQuery) => {
    const { rows, next } = await listEndedBookings(sql, query)
    return { bookings: rows.map(endedJson), next_cursor: encodeCursor(listOf(query, ENDED), next) }
  })

  app.get('/bookings', scoped('bookings:read')(listBookingsSchema), async (request, reply) => {
    const { event_id: eventId, user_id: asked, status, order = 'asc', cursor } = request.query
    const { reference } = request.query
    const userId = userAskedFor(request.caller, asked)
    const { tenantId } = request.caller
    const common = { tenantId, eventId, userId, limit: limitOf(request.query) }
    const name = eventId === undefined ? 'bookings' : `bookings-event-${eventId}`
    const read = (from: string | undefined): Promise<BookingPage> => {
      if (reference !== undefined) return readReferred(from, reference)
      if (status !== 'expired' && status !== 'cancelled') {
        const [afterId] = decodeCursor(from, listOf({ order }), ['id']) ?? []
        return readPage(request, { ...common, status, order, afterId })
      }
      const after = decodeCursor(from, listOf({ order }, ENDED), ['moment', 'id'])
      return readEndedPage(request, { ...common, reasons: REASONS[status], order, after })
    }
    const readReferred = async (from: string | undefined, text: string): Promise<BookingPage> => {
      decodeCursor(from, listOf({ order }), ['id'])
      const filters = { eventId, userId, status }
      const bookings = await bookingsOfReference(app, request, text, filters)
      return { bookings, next_cursor: null }
    }
    return sendList(request, reply, { name, cursor, read })
  })
  done()
}

export default bookingListRoutes
