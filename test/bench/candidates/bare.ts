import Fastify, { type FastifyInstance } from 'fastify'
import { Type, type Static } from '@sinclair/typebox'
import { DEFAULT_TYPE } from '../../../src/domain/model.ts'
import { referenceOf } from '../../../src/domain/reference.ts'
import { EventIdParams } from '../../../src/http/schemas.ts'
import components from '../../../src/plugins/components.ts'
import { EventId } from '../../../src/routes/bookings/reserve-input.ts'
import type { BookingSchema } from '../../../src/routes/bookings/resources.ts'
import { RESERVED, ReservedSchema } from '../../../src/routes/bookings/resources.ts'
import { EventSchema } from '../../../src/routes/events/resources.ts'
import { eventJson } from '../../../src/routes/events/view.ts'
import { madeUpEvent } from './made-up.ts'

// The service's own has keywords that Fastify's validator does not know.
const ReserveInput = Type.Object({
  event_id: EventId,
  user_id: Type.String({ minLength: 1, maxLength: 255 }),
})

/**
 * The framework as it comes: it validates the service's requests, answers by the service's schemas,
 * and does nothing else. What a route in Fastify can do on this machine.
 */
export function bareApp(): FastifyInstance {
  const app = Fastify({ logger: false })
  void app.register(components)
  let bookings = 0
  app.post<{ Body: Static<typeof ReserveInput> }>(
    '/api/bookings/reserve',
    { schema: { body: ReserveInput, response: { 201: ReservedSchema } } },
    ({ body }, reply) => {
      bookings += 1
      reply.code(201).send({ message: RESERVED, booking: bookingOf(bookings, body) })
    },
  )
  app.get<{ Params: Static<typeof EventIdParams> }>(
    '/api/events/:id',
    { schema: { params: EventIdParams, response: { 200: EventSchema } } },
    ({ params }, reply) => {
      reply.send(eventJson(madeUpEvent(params.id)))
    },
  )
  return app
}

function bookingOf(id: number, input: Static<typeof ReserveInput>): Static<typeof BookingSchema> {
  return {
    id,
    event_id: input.event_id,
    user_id: input.user_id,
    seats: 1,
    lines: [{ ticket_type: DEFAULT_TYPE, seats: 1, labels: [] }],
    status: 'confirmed',
    expires_at: null,
    created_at: new Date().toISOString(),
    reference: referenceOf(id),
    metadata: {},
  }
}
