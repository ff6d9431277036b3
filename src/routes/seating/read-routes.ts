import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendAnswer, type Answer } from '../../http/answer.ts'
import { digest } from '../../http/canonical.ts'
import { ifNoneMatchFails, tagHeaders } from '../../http/etag.ts'
import { failureOf, sendFailure } from '../../http/failure.ts'
import { decodeCursor, encodeCursor, limitOf } from '../../http/paging.ts'
import { scoped } from '../../http/scoped.ts'
import { madeOnce, pagesShown } from '../../http/shown.ts'
import { SeatMaps, type ReadSeatMap } from '../../store/reads/seat-maps.ts'
import { listSeats, readSeating, type SeatQuery } from '../../store/reads/seats.ts'
import { getSeatingSchema, listSeatsSchema, seatMapSchema } from './read-schemas.ts'

const reading = scoped('events:read')

/** Numbered seats as they are, over HTTP: the seating, a list, and a map. */
const seatingReadRoutes: FastifyPluginCallbackTypebox = (app, _options, done) => {
  const readOne = app.listReader((sql, { id, tenantId }: SeatingQuery) =>
    readSeating(sql, { id, tenantId }),
  )
  app.get('/events/:id(^\\d+$)/seating', reading(getSeatingSchema), async (request, reply) => {
    const found = await readOne(request, seatingAsked(request))
    if (typeof found === 'string') return sendFailure(request, reply, failureOf(found))
    return sendTagged(request, reply, `"${found.digest}"`, () => sendSeating(reply, found.document))
  })

  const readPage = app.listReader(async (sql, query: SeatQuery) => {
    const page = await listSeats(sql, query)
    if (typeof page === 'string') return page
    const next = page.next === null ? null : [page.next]
    return { seats: page.rows, next_cursor: encodeCursor(`seats/${query.id}`, next) }
  })
  app.get('/events/:id(^\\d+$)/seats', reading(listSeatsSchema), async (request, reply) => {
    const { status, section, cursor } = request.query
    const asked = seatingAsked(request)
    const [after] = decodeCursor(cursor, `seats/${asked.id}`, ['text']) ?? []
    const limit = limitOf(request.query)
    const page = await readPage(request, { ...asked, status, section, after, limit })
    return typeof page === 'string'
      ? sendFailure(request, reply, failureOf(page))
      : sendPage(reply, page)
  })

  const maps = new SeatMaps()
  const readMap = app.listReader((sql, query: SeatingQuery) => maps.read(sql, query))
  app.get('/events/:id(^\\d+$)/seats.bin', reading(seatMapSchema), async (request, reply) => {
    const found = await readMap(request, seatingAsked(request))
    if (typeof found === 'string') return sendFailure(request, reply, failureOf(found))
    reply.header('x-seating', `"${found.digest}"`)
    return sendTagged(request, reply, tagOf(found), () => sendBytes(reply, found.map.bytes))
  })
  done()
}

interface SeatingQuery {
  readonly id: number
  readonly tenantId: string
}

function seatingAsked(request: FastifyRequest & { params: { id: number } }): SeatingQuery {
  return { id: request.params.id, tenantId: request.caller.tenantId }
}

const sendPage = pagesShown()
const sendSeating = pagesShown()

/** Two maps are equal where their seating and all bytes are. */
const tagOf = madeOnce(
  ({ digest: seating, map }: ReadSeatMap) =>
    `"${digest(seating, Buffer.from(map.bytes).toString('latin1'))}"`,
)

const NOT_MODIFIED: Answer = { status: 304, headers: {}, body: null }

/** The schema of the route tells of JSON alone. */
function sendBytes(reply: FastifyReply, bytes: Uint8Array): FastifyReply {
  return reply.type('application/octet-stream').send(Buffer.from(bytes))
}

function sendTagged<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  tag: string,
  send: () => T,
): T | FastifyReply {
  reply.headers(tagHeaders(tag))
  return ifNoneMatchFails(request.headers['if-none-match'], tag)
    ? sendAnswer(reply, NOT_MODIFIED)
    : send()
}

export default seatingReadRoutes
