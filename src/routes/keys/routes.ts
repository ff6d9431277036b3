import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import { sendAnswer, viewNothing } from '../../http/answer.ts'
import { failureOf, sendFailure } from '../../http/failure.ts'
import { groupOf } from '../../http/group-of.ts'
import { decodeCursor, encodeCursor, limitOf } from '../../http/paging.ts'
import { scoped } from '../../http/scoped.ts'
import { pagesShown } from '../../http/shown.ts'
import { listApiKeys, type ApiKeyQuery } from '../../store/reads/api-keys.ts'
import { createKeySchema, listKeysSchema, revokeKeySchema } from './schemas.ts'
import { apiKeyJson, viewIssued } from './view.ts'

const managing = scoped('admin')

/** API keys over HTTP, of the caller's tenant. The first key comes from the command line. */
const keyRoutes: FastifyPluginCallbackTypebox = (app, _options, done) => {
  app.post('/keys', managing(createKeySchema), async (request, reply) => {
    const { caller } = request
    // Whoever reaches the port would take a key along that lasts when callers are told apart one day.
    if (caller.actor === null) return sendFailure(request, reply, failureOf('auth_off'))
    const { name, scopes, expires_at: expiresAt } = request.body
    const wanted = {
      tenantId: caller.tenantId,
      name,
      scopes: [...new Set(scopes)],
      expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
    }
    const issued = await app.keyDesk.issue(wanted, groupOf(caller))
    return typeof issued === 'string'
      ? sendFailure(request, reply, failureOf(issued))
      : sendAnswer(reply, viewIssued(issued))
  })

  const readPage = app.listReader(async (sql, query: ApiKeyQuery) => {
    const { rows, next } = await listApiKeys(sql, query)
    return { keys: rows.map(apiKeyJson), next_cursor: encodeCursor('keys', next) }
  })
  app.get('/keys', managing(listKeysSchema), async (request, reply) => {
    const [afterId] = decodeCursor(request.query.cursor, 'keys', ['text']) ?? ['']
    const { tenantId } = request.caller
    const query = { tenantId, afterId, limit: limitOf(request.query) }
    return sendPage(reply, await readPage(request, query))
  })

  app.delete('/keys/:id(^[a-z0-9]{16}$)', managing(revokeKeySchema), async (request, reply) => {
    const { caller, params } = request
    const { id } = params
    const isThere = await app.keyDesk.revoke(caller.tenantId, id, groupOf(caller))
    if (!isThere) return sendFailure(request, reply, failureOf('key_not_found'))
    app.keyRing.forget(id)
    return sendAnswer(reply, viewNothing())
  })
  done()
}

const sendPage = pagesShown()

export default keyRoutes
