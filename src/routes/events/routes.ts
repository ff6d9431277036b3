import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import { carryOut, NO_CONTENT, sendAnswer, sendSuccess, type Success } from '../../http/answer.ts'
import { ifMatchHolds, ifNoneMatchFails } from '../../http/etag.ts'
import { failureOf, sendFailure } from '../../http/failure.ts'
import { idempotentRequestOf } from '../../http/idempotency.ts'
import { decodeCursor, limits, pageOf, type SortKey } from '../../http/paging.ts'
import type { EventSettings, EventView, Result } from '../../domain/commands.ts'
import { isSalesWindow } from '../../domain/decide.ts'
import type { TransactionBounds } from '../../engine/transaction.ts'
import { createEvent } from '../../engine/create-event.ts'
import { eventTag, representEvent } from './view.ts'
import {
  changeEventSchema,
  createEventSchema,
  deleteEventSchema,
  EventPatch,
  getEventSchema,
  listEventsSchema,
  type EventChange,
} from './schemas.ts'
import { listEvents, readEvent } from '../../store/reads/events.ts'

interface Options {
  config: { database: TransactionBounds }
}

/** Events over HTTP. Translates to commands and back; the rules stand in src/domain. */
const eventRoutes: FastifyPluginCallbackTypebox<Options> = (app, { config }, done) => {
  app.post('/events', { schema: createEventSchema }, async (request, reply) => {
    const { name, total_seats: totalSeats, ...rest } = request.body
    const settings = { ...DEFAULTS, ...settingsOf(rest), name, totalSeats }
    if (!isSalesWindow(settings.salesStartAt, settings.salesEndAt)) {
      return sendFailure(request, reply, failureOf('sales_window_invalid'))
    }
    const asked = idempotentRequestOf(request)
    const event = {
      settings,
      requestId: request.id,
      idempotency: asked && { ...asked, represent: representOutcome },
    }
    const answer = await app.onDatabase((prisma) => createEvent(prisma, config.database, event))
    return sendAnswer(request, reply, answer, representCreated)
  })

  app.get('/events', { schema: listEventsSchema }, async (request, reply) => {
    const { name, upcoming, sort = 'id', order = 'asc', cursor } = request.query
    const { limit, toRead } = limits(request.query.limit)
    const list = `events/${sort}/${order}`
    const after = decodeCursor(cursor, list, SORT_KEYS[sort])
    const query = { name, upcoming, sort, order, after, limit: toRead }
    const rows = await app.onDatabase((sql) => listEvents(sql, query))
    const page = pageOf(rows, limit, list, ({ position }) => position)
    return reply.send({
      events: page.rows.map(({ event }) => representEvent(event)),
      next_cursor: page.nextCursor,
    })
  })

  app.get('/events/:id(^\\d+$)', { schema: getEventSchema }, async (request, reply) => {
    const event = await app.onDatabase((sql) => readEvent(sql, request.params.id))
    if (event === null) return sendFailure(request, reply, failureOf('event_not_found'))
    const tag = eventTag(event)
    reply.header('etag', tag)
    return ifNoneMatchFails(request.headers['if-none-match'], tag)
      ? sendSuccess(reply, NOT_MODIFIED)
      : sendSuccess(reply, representChanged({ kind: 'event', event }))
  })

  app.patch('/events/:id(^\\d+$)', { schema: changeEventSchema }, async (request, reply) => {
    const changes = settingsOf(request.body)
    if (Object.keys(changes).length === 0) {
      return sendFailure(request, reply, failureOf('missing_fields', NOTHING_TO_CHANGE))
    }
    const command = {
      type: 'change_event',
      eventId: request.params.id,
      requestId: request.id,
      changes,
      isExpected: expectationOf(request.headers['if-match']),
    } as const
    return carryOut(app.reservations, request, reply, command, representChanged)
  })

  app.delete('/events/:id(^\\d+$)', { schema: deleteEventSchema }, async (request, reply) => {
    const command = {
      type: 'delete_event',
      eventId: request.params.id,
      requestId: request.id,
      force: request.query.force ?? false,
      isExpected: expectationOf(request.headers['if-match']),
    } as const
    return carryOut(app.reservations, request, reply, command, () => NO_CONTENT)
  })
  done()
}

const SORT_KEYS = {
  id: ['id'],
  name: ['text', 'id'],
  starts_at: ['moment', 'id'],
} as const satisfies Record<string, readonly SortKey[]>

const NOT_MODIFIED: Success = { status: 304, headers: {}, body: null }

const NOTHING_TO_CHANGE = `At least one of ${Object.keys(EventPatch.properties).join(', ')} is required`

const DEFAULTS: Omit<EventSettings, 'name' | 'totalSeats'> = {
  startsAt: null,
  salesStartAt: null,
  salesEndAt: null,
  maxSeatsPerBooking: 1,
  holdSeconds: 600,
  waitlistPromotesTo: 'confirmed',
  metadata: {},
}

function settingsOf(body: EventChange): Partial<EventSettings> {
  return {
    ...(body.name !== undefined && { name: body.name }),
    ...(body.total_seats !== undefined && { totalSeats: body.total_seats }),
    ...(body.starts_at !== undefined && { startsAt: dateOf(body.starts_at) }),
    ...(body.sales_start_at !== undefined && { salesStartAt: dateOf(body.sales_start_at) }),
    ...(body.sales_end_at !== undefined && { salesEndAt: dateOf(body.sales_end_at) }),
    ...(body.max_seats_per_booking !== undefined && {
      maxSeatsPerBooking: body.max_seats_per_booking,
    }),
    ...(body.hold_seconds !== undefined && { holdSeconds: body.hold_seconds }),
    ...(body.waitlist_promotes_to !== undefined && {
      waitlistPromotesTo: body.waitlist_promotes_to,
    }),
    ...(body.metadata !== undefined && { metadata: body.metadata }),
  }
}

function dateOf(text: string | null): Date | null {
  return text === null ? null : new Date(text)
}

function expectationOf(ifMatch: string | undefined): (event: EventView) => boolean {
  return (event) => ifMatchHolds(ifMatch, () => eventTag(event))
}

function representOutcome({ result }: { result: Result }): Success {
  return representCreated(result)
}

function representCreated(result: Result): Success {
  const success = representChanged(result)
  if (result.kind !== 'event') return success
  const location = `/api/events/${result.event.id}`
  return { ...success, status: 201, headers: { ...success.headers, location } }
}

function representChanged(result: Result): Success {
  if (result.kind !== 'event') return NO_CONTENT
  const body = representEvent(result.event)
  return { status: 200, headers: { etag: eventTag(result.event) }, body }
}

export default eventRoutes
