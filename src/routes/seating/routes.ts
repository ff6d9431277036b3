import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { BlockSeatsCommand } from '../../domain/commands/seating.ts'
import { expandSeating, type Seating } from '../../domain/seating/seating.ts'
import { Semaphore } from '../../engine/semaphore.ts'
import { carryOut, originOf, viewNothing } from '../../http/answer.ts'
import { takingLarge } from '../../http/body-limit.ts'
import { canonicalJson, digest } from '../../http/canonical.ts'
import { HttpError } from '../../http/errors.ts'
import { expectedSeatingBy, tagHeaders } from '../../http/etag.ts'
import { AtOnce } from '../../http/limits/at-once.ts'
import { scoped } from '../../http/scoped.ts'
import type { SeatingBody } from './resources.ts'
import {
  blockSeatsSchema,
  putSeatingSchema,
  removeSeatingSchema,
  unblockSeatsSchema,
} from './schemas.ts'

const writing = scoped('events:write')

/** Seatings that are at work at once: however few bytes one has, it may take 50 ms of CPU time. */
const MAX_SEATINGS_AT_ONCE = 8

/** Changes of numbered seats over HTTP. Translates to commands and back; the rules stand in src/domain. */
const seatingRoutes: FastifyPluginCallbackTypebox = (app, _options, done) => {
  const atOnce = new AtOnce(MAX_SEATINGS_AT_ONCE)
  const oneByOne = new Semaphore(1)
  const putOptions = takingLarge(app, 'seating', writing(putSeatingSchema))
  app.put('/events/:id(^\\d+$)/seating', putOptions, async (request, reply) => {
    // Not before its body is there: who is slow to send one takes nothing that others need.
    atOnce.letIn(request, reply)
    // That is most of what it takes: several in one turn of the event loop would keep everybody waiting.
    const seating = await oneByOne.run(async () => {
      await nextTurn()
      return seatingOf(request.body)
    })
    const command = {
      type: 'set_seating',
      eventId: request.params.id,
      origin: originOf(request),
      seating,
      digest: digest(canonicalJson(seating.document)),
      expected: expectedSeatingBy(request.headers),
    } as const
    return carryOut(app, request, reply, command, (shown) => ({
      status: 200,
      headers: tagHeaders(`"${shown.digest}"`),
      body: seating.document,
    }))
  })

  const removeOptions = writing(removeSeatingSchema)
  app.delete('/events/:id(^\\d+$)/seating', removeOptions, async (request, reply) => {
    const command = {
      type: 'remove_seating',
      eventId: request.params.id,
      origin: originOf(request),
      expected: expectedSeatingBy(request.headers),
    } as const
    return carryOut(app, request, reply, command, viewNothing)
  })

  const blockOptions = takingLarge(app, 'lists', writing(blockSeatsSchema))
  app.post('/events/:id(^\\d+$)/seats/block', blockOptions, async (request, reply) => {
    const command = { type: 'block_seats', ...seatsNamed(request) } as const
    return carryOut(app, request, reply, command, viewNothing)
  })
  const unblockOptions = takingLarge(app, 'lists', writing(unblockSeatsSchema))
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

export default seatingRoutes
