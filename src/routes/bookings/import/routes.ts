import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import type { Config } from '../../../config/config.ts'
import { KEY_REQUIRED } from '../../../http/authentication/challenges.ts'
import { NDJSON } from '../../../http/body.ts'
import { endLingering } from '../../../http/connections/linger.ts'
import { MAX_UNWANTED_BYTES } from '../../../http/connections/unwanted.ts'
import { HttpError } from '../../../http/errors.ts'
import { sendFailure } from '../../../http/failure.ts'
import { AtOnce } from '../../../http/limits/at-once.ts'
import { passLinesOn } from '../../../http/ndjson/pass-lines.ts'
import { scoped } from '../../../http/scoped.ts'
import { Import, type AskedImport, type ImportBounds } from './import.ts'
import { lineReader } from './line-input.ts'
import { importBookingsSchema, MAX_IMPORT_LINES } from './schemas.ts'

/** Imports at work in a process. */
const MAX_IMPORTS = 8
/** Lines of one import that are under way: enough for batches to be large, little beside what may wait. */
const MAX_LINES_UNDER_WAY = 256
const MAX_BYTES_UNDER_WAY = 1024 * 1024
/** What a body may have by default, however much it may have here. */
const MAX_LINE_BYTES = 65_536
const MAX_DURATION_MS = 3_600_000
/** Slow enough for whoever waits for each answer, far away; faster than somebody who only keeps his place. */
const TIME_PER_LINE_MS = 1000
/** So that a file with a wrong column is told of all its lines, should they come at 100 a second. */
const TIME_PER_WRONG_LINE_MS = 10

type ImportConfig = Pick<Config, 'auth' | 'http' | 'groupCommit'>

const writing = scoped('bookings:write')

/** Imports of bookings: many requests to reserve in one. */
const importRoutes: FastifyPluginCallbackTypebox<{ config: ImportConfig }> = (
  app,
  { config },
  done,
) => {
  passLinesOn(app)
  const bounds = boundsOf(config)
  const readLine = lineReader(app, bounds.maxLineBytes)
  const atWork = new AtOnce(MAX_IMPORTS)

  const start = (asked: AskedImport, reply: FastifyReply): void => {
    const { request } = asked
    app.closing.throwIfAborted()
    // Bytes in one piece with the head were no chunks, which was answered already.
    if (request.socket.writableEnded) throw new HttpError('bad_request')
    atWork.letIn(request, reply)
    const work = new Import(app, asked, readLine, bounds)
    // What is left of the body then is nobody's any more.
    reply.raw.once('finish', () => {
      if (!request.raw.readableEnded) endLingering(request.raw.socket, '', work.rest)
    })
    reply.type(NDJSON).send(work.open())
  }

  const { schema, config: asked } = writing(importBookingsSchema)
  const options = { schema, config: { ...asked, takesLines: true } }
  app.post('/events/:id(^\\d+$)/bookings/import', options, async (request, reply) => {
    // Of a user's lines only his own could be booked, and of those one.
    if (request.caller.userId !== null) return sendFailure(request, reply, KEY_REQUIRED)
    const key = request.headers['idempotency-key']
    start({ request, eventId: request.params.id, key }, reply)
    return reply
  })
  done()
}

function boundsOf({ auth, http, groupCommit }: ImportConfig): ImportBounds {
  // All imports together leave room for others in the queue of an event, which is a quarter of it at least.
  const share = Math.floor(groupCommit.maxQueueLength / (8 * MAX_IMPORTS))
  return {
    maxLines: MAX_IMPORT_LINES,
    maxUnderWay: Math.max(1, Math.min(MAX_LINES_UNDER_WAY, share)),
    maxBytesUnderWay: MAX_BYTES_UNDER_WAY,
    maxLineBytes: Math.min(MAX_LINE_BYTES, http.bodyLimitBytes),
    lineTimeoutMs: http.requestTimeoutMs,
    timePerLineMs: TIME_PER_LINE_MS,
    timePerWrongLineMs: TIME_PER_WRONG_LINE_MS,
    answerTimeoutMs: http.connectionTimeoutMs,
    maxDurationMs: MAX_DURATION_MS,
    isKeyed: auth === 'keys',
    rest: { maxBytes: MAX_UNWANTED_BYTES, timeoutMs: http.requestTimeoutMs },
  }
}

export default importRoutes
