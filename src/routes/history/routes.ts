import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import { listsShown } from '../../http/listed.ts'
import { decodeCursor, encodeCursor, limitOf } from '../../http/paging.ts'
import { scoped } from '../../http/scoped.ts'
import { listHistory, type HistoryQuery } from '../../store/reads/history.ts'
import { historySchema } from './schemas.ts'
import { FACT_CSV, factJson, type HistoryPage } from './view.ts'

const reading = scoped('history:read')

const sendList = listsShown(FACT_CSV, (page: HistoryPage) => page.history)

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
    const { tenantId } = request.caller
    const limit = limitOf(request.query)
    const read = (from: string | undefined) => {
      const [after] = decodeCursor(from, listOf(eventId), ['id']) ?? [since]
      return readPage(request, { eventId, tenantId, after, limit })
    }
    return sendList(request, reply, { name: `history-event-${eventId}`, cursor, read })
  })
  done()
}

function listOf(eventId: number): string {
  return `history/${eventId}`
}

export default historyRoutes
