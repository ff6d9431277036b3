import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import type { EventSettings } from '../../domain/model.ts'
import { DEFAULT_SETTINGS } from '../../domain/policy.ts'
import { carryOut, originOf, sendAnswer, viewNothing, type Answer } from '../../http/answer.ts'
import { takingLarge } from '../../http/body-limit.ts'
import { eventTag, expectedBy, ifNoneMatchFails, tagHeaders } from '../../http/etag.ts'
import { failureOf, sendFailure } from '../../http/failure.ts'
import { decodeCursor, encodeCursor, limitOf, type SortKey } from '../../http/paging.ts'
import { scoped } from '../../http/scoped.ts'
import { madeOnce, pagesShown, shownAs } from '../../http/shown.ts'
import { listEvents } from '../../store/reads/event-lists.ts'
import type { EventQuery } from '../../store/reads/event-order.ts'
import { changeEventSchema, deleteEventSchema } from './change-schemas.ts'
import { offerOf } from './offered.ts'
import { EventPatch, type EventChange } from './resources.ts'
import { createEventSchema, getEventSchema, listEventsSchema } from './schemas.ts'
import { eventJson, viewCreated, viewEvent } from './view.ts'

const reading = scoped('events:read')
const writing = scoped('events:write')

/** Events over HTTP. Translates to commands and back; the rules stand in src/domain. */
const eventRoutes: FastifyPluginCallbackTypebox = (app, _options, done) => {
  const createOptions = takingLarge(app, 'lists', writing(createEventSchema))
  app.post('/events', createOptions, async (request, reply) => {
    const { name, total_seats: totalSeats, ...rest } = request.body
    const settings = { ...DEFAULT_SETTINGS, ...settingsOf(rest), name, totalSeats }
    const command = { type: 'create_event', settings, origin: originOf(request) } as const
    return carryOut(app, request, reply, command, viewCreated)
  })

  const readPage = app.listReader(async (sql, query: EventQuery) => {
    const { rows, next } = await listEvents(sql, query)
    return { events: rows.map(eventJson), next_cursor: encodeCursor(listOf(query), next) }
  })
  app.get('/events', reading(listEventsSchema), async (request, reply) => {
    const { name, upcoming, sort = 'id', order = 'asc', cursor } = request.query
    const after = decodeCursor(cursor, listOf({ sort, order }), SORT_KEYS[sort])
    const { tenantId } = request.caller
    const limit = limitOf(request.query)
    const query = { tenantId, name, upcoming, sort, order, after, limit }
    return sendPage(reply, await readPage(request, query))
  })

  app.get('/events/:id(^\\d+$)', reading(getEventSchema), async (request, reply) => {
    const event = await app.reads.event(request, request.params.id)
    if (event === null) return sendFailure(request, reply, failureOf('event_not_found'))
    const tag = tagOf(event)
    reply.headers(tagHeaders(tag))
    return ifNoneMatchFails(request.headers['if-none-match'], tag)
      ? sendAnswer(reply, NOT_MODIFIED)
      : sendEvent(reply, event)
  })

  const changeOptions = takingLarge(app, 'lists', writing(changeEventSchema))
  app.patch('/events/:id(^\\d+$)', changeOptions, async (request, reply) => {
    const changes = settingsOf(request.body)
    if (Object.keys(changes).length === 0) {
      return sendFailure(request, reply, failureOf('missing_fields', NOTHING_TO_CHANGE))
    }
    const command = {
      type: 'change_event',
      eventId: request.params.id,
      origin: originOf(request),
      changes,
      expected: expectedBy(request.headers['if-match']),
    } as const
    return carryOut(app, request, reply, command, viewEvent)
  })

  app.delete('/events/:id(^\\d+$)', writing(deleteEventSchema), async (request, reply) => {
    const command = {
      type: 'delete_event',
      eventId: request.params.id,
      origin: originOf(request),
      force: request.query.force ?? false,
      expected: expectedBy(request.headers['if-match']),
    } as const
    return carryOut(app, request, reply, command, viewNothing)
  })
  done()
}

const SORT_KEYS = {
  id: ['id'],
  name: ['text', 'id'],
  starts_at: ['moment', 'id'],
} as const satisfies Record<string, readonly SortKey[]>

function listOf({ sort, order }: Pick<EventQuery, 'sort' | 'order'>): string {
  return `events/${sort}/${order}`
}

// Everybody who shares a read is sent what is made of it once.
const tagOf = madeOnce(eventTag)
const sendPage = pagesShown()
const sendEvent = shownAs(eventJson)

const NOT_MODIFIED: Answer = { status: 304, headers: {}, body: null }

const NOTHING_TO_CHANGE = `At least one of ${Object.keys(EventPatch.properties).join(', ')} is required`

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
    ...offerOf(body),
    ...(body.status !== undefined && { status: body.status }),
    ...(body.time_zone !== undefined && { timeZone: body.time_zone }),
    ...(body.cancel_until !== undefined && { cancelUntil: dateOf(body.cancel_until) }),
    ...(body.waitlist_closes_at !== undefined && {
      waitlistClosesAt: dateOf(body.waitlist_closes_at),
    }),
    ...(body.metadata !== undefined && { metadata: body.metadata }),
  }
}

function dateOf(text: string | null): Date | null {
  return text === null ? null : new Date(text)
}

export default eventRoutes
