import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import { failureOf, sendFailure } from '../../http/failure.ts'
import { decodeCursor, limits, pageOf } from '../../http/paging.ts'
import { historySchema } from './schemas.ts'
import { factJson } from './view.ts'
import { isKnownEvent, readHistory } from '../../store/reads/history.ts'

/** What happened to an event and all that belongs to it, also after it was deleted. */
const historyRoutes: FastifyPluginCallbackTypebox = (app, _options, done) => {
  app.get('/events/:id(^\\d+$)/history', { schema: historySchema }, async (request, reply) => {
    const { id: eventId } = request.params
    const { cursor, after: since = 0 } = request.query
    const { limit, toRead } = limits(request.query.limit)
    const list = `history/${eventId}`
    const [after] = decodeCursor(cursor, list, ['id']) ?? [since]
    const facts = await app.list(request, async (prisma) => {
      const found = await readHistory(prisma, eventId, after, toRead)
      return found.length > 0 || (await isKnownEvent(prisma, eventId)) ? found : null
    })
    if (facts === null) return sendFailure(request, reply, failureOf('event_not_found'))
    const page = pageOf(facts, limit, list, ({ sequence }) => [sequence])
    return reply.send({ history: page.rows.map(factJson), next_cursor: page.nextCursor })
  })
  done()
}

export default historyRoutes
