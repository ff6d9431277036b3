import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import { failureOf, sendFailure } from '../../http/failure.ts'
import { decodeCursor, encodeCursor, limitOf } from '../../http/paging.ts'
import { scoped } from '../../http/scoped.ts'
import { pagesShown } from '../../http/shown.ts'
import { listHistory, type HistoryQuery } from '../../store/reads/history.ts'
import { historySchema } from './schemas.ts'
import { factJson } from './view.ts'

const reading = scoped('history:read')

const sendPage = pagesShown()

/** What happened to an event and all that belongs to it, also after it was deleted. */
const historyRoutes: FastifyPluginCallbackTypebox = (app, _options, done) => {
  const readPage = app.listReader(async (sql, query: HistoryQuery) => {
    const page = await listHistory(sql, query)
    if (page === null) return null
    const cursor = encodeCursor(listOf(query.eventId), page.next)
    return { history: page.rows.map(factJson), next_cursor: cursor }
  })
  app.get('/events/:id(^\\d+$)/history', reading(historySchema), async (request, reply) => {
    const { id: eventId } = request.params
    const { cursor, after: since = 0 } = request.query
    const [after] = decodeCursor(cursor, listOf(eventId), ['id']) ?? [since]
    const { tenantId } = request.caller
    const query = { eventId, tenantId, after, limit: limitOf(request.query) }
    const page = await readPage(request, query)
    return page === null
      ? sendFailure(request, reply, failureOf('event_not_found'))
      : sendPage(reply, page)
  })
  done()
}

function listOf(eventId: number): string {
  return `history/${eventId}`
}

export default historyRoutes
