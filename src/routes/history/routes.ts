import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import { failureOf, sendFailure } from '../../http/failure.ts'
import { decodeCursor, limits, pageOf } from '../../http/paging.ts'
import { historySchema } from './schemas.ts'
import { isKnownEvent, readHistory, type HistoryEntry } from '../../store/reads/history.ts'

/** What happened to an event and all that belongs to it, also after it was deleted. */
const historyRoutes: FastifyPluginCallbackTypebox = (app, _options, done) => {
  app.get('/events/:id(^\\d+$)/history', { schema: historySchema }, async (request, reply) => {
    const { id: eventId } = request.params
    const { cursor, after: since = 0 } = request.query
    const { limit, toRead } = limits(request.query.limit)
    const list = `history/${eventId}`
    const [after] = decodeCursor(cursor, list, ['id']) ?? [since]
    const entries = await app.onDatabase((sql) => readHistory(sql, eventId, after, toRead))
    if (entries.length === 0 && !(await app.onDatabase((sql) => isKnownEvent(sql, eventId)))) {
      return sendFailure(request, reply, failureOf('event_not_found'))
    }
    const page = pageOf(entries, limit, list, ({ sequence }) => [sequence])
    return reply.send({ history: page.rows.map(represent), next_cursor: page.nextCursor })
  })
  done()
}

function represent({ sequence, at, change }: HistoryEntry) {
  return {
    sequence,
    type: change.type,
    user_id: change.user_id ?? null,
    booking_id: change.booking_id ?? null,
    waitlist_entry_id: change.waitlist_entry_id ?? null,
    seats_before: change.seats_before,
    seats_after: change.seats_after,
    status: change.status ?? null,
    expires_at: change.expires_at ?? null,
    at: at.toISOString(),
    request_id: change.request_id ?? null,
  }
}

export default historyRoutes
