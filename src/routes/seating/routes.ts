import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { BlockSeatsCommand } from '../../domain/commands.ts'
import { expandSeating, type Seating } from '../../domain/seating/seating.ts'
import { carryOut, originOf, sendAnswer, viewNothing, type Answer } from '../../http/answer.ts'
import { canonicalJson, digest } from '../../http/canonical.ts'
import { HttpError } from '../../http/errors.ts'
import { ifNoneMatchFails, tagHeaders } from '../../http/etag.ts'
import { failureOf, sendFailure } from '../../http/failure.ts'
import { decodeCursor, encodeCursor, limitOf } from '../../http/paging.ts'
import { scoped } from '../../http/scoped.ts'
import { madeOnce, pagesShown } from '../../http/shown.ts'
import {
  listSeats,
  readSeating,
  readSeatMap,
  type ReadSeatMap,
  type SeatQuery,
} from '../../store/reads/seats.ts'
import type { SeatingBody } from './resources.ts'
import {
  blockSeatsSchema,
  getSeatingSchema,
  listSeatsSchema,
  putSeatingSchema,
  removeSeatingSchema,
  seatMapSchema,
  unblockSeatsSchema,
} from './schemas.ts'

const reading = scoped('events:read')
const writing = scoped('events:write')

/** A seating of 100,000 seats that are all named, with some room. */
const MAX_BODY_BYTES = 4 * 1024 * 1024

/** Numbered seats over HTTP. Translates to commands and back; the rules stand in src/domain. */
const seatingRoutes: FastifyPluginCallbackTypebox = (app, _options, done) => {
  const putOptions = { ...writing(putSeatingSchema), bodyLimit: MAX_BODY_BYTES }
  app.put('/events/:id(^\\d+$)/seating', putOptions, async (request, reply) => {
    const seating = seatingOf(request.body)
    const command = {
      type: 'set_seating',
      eventId: request.params.id,
      origin: originOf(request),
      seating,
      digest: digest(canonicalJson(seating.document)),
    } as const
    return carryOut(app, request, reply, command, (shown) => ({
      status: 200,
      headers: tagHeaders(`"${shown.digest}"`),
      body: seating.document,
    }))
  })

  const removeOptions = writing(removeSeatingSchema)
  app.delete('/events/:id(^\\d+$)/seating', removeOptions, async (request, reply) => {
    const eventId = request.params.id
    const command = { type: 'remove_seating', eventId, origin: originOf(request) } as const
    return carryOut(app, request, reply, command, viewNothing)
  })

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

  const readMap = app.listReader((sql, { id, tenantId }: SeatingQuery) =>
    readSeatMap(sql, { id, tenantId }),
  )
  app.get('/events/:id(^\\d+$)/seats.bin', reading(seatMapSchema), async (request, reply) => {
    const found = await readMap(request, seatingAsked(request))
    if (typeof found === 'string') return sendFailure(request, reply, failureOf(found))
    reply.header('x-seating', `"${found.digest}"`)
    return sendTagged(request, reply, tagOf(found), () => sendBytes(reply, found.map.bytes))
  })

  app.post('/events/:id(^\\d+$)/seats/block', writing(blockSeatsSchema), async (request, reply) => {
    const command = { type: 'block_seats', ...seatsNamed(request) } as const
    return carryOut(app, request, reply, command, viewNothing)
  })
  const unblockOptions = writing(unblockSeatsSchema)
  app.post('/events/:id(^\\d+$)/seats/unblock', unblockOptions, async (request, reply) => {
    const command = { type: 'unblock_seats', ...seatsNamed(request) } as const
    return carryOut(app, request, reply, command, viewNothing)
  })
  done()
}

type Blocking = FastifyRequest & { params: { id: number }; body: { labels: string[] } }

function seatsNamed(request: Blocking): Omit<BlockSeatsCommand, 'type'> {
  const { params, body } = request
  return { eventId: params.id, origin: originOf(request), labels: body.labels }
}

interface SeatingQuery {
  readonly id: number
  readonly tenantId: string
}

function seatingAsked(request: FastifyRequest & { params: { id: number } }): SeatingQuery {
  return { id: request.params.id, tenantId: request.caller.tenantId }
}

/** The seating that a body describes, in one form. @throws HttpError where it is not right */
function seatingOf({ sections }: SeatingBody): Seating {
  const expanded = expandSeating({
    sections: sections.map(({ key, pool = null, rows }) => ({
      key,
      pool,
      rows: rows.map(({ key: rowKey, seats }) => ({ key: rowKey, seats })),
    })),
  })
  if (expanded.kind === 'seating') return expanded.seating
  const [problem] = expanded.problems
  const text = problem === undefined ? undefined : `${problem.path} ${problem.text}`
  throw new HttpError('validation_failed', text === undefined ? {} : { text })
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

export default seatingRoutes
