import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { ErrorSchema, ProblemSchema } from '../http/error-schemas.ts'
import * as lines from '../routes/bookings/lines.ts'
import * as importing from '../routes/bookings/import/resources.ts'
import * as reserving from '../routes/bookings/reserve-input.ts'
import * as bookings from '../routes/bookings/resources.ts'
import * as offer from '../routes/events/offer.ts'
import * as events from '../routes/events/resources.ts'
import * as history from '../routes/history/schemas.ts'
import * as keys from '../routes/keys/resources.ts'
import * as seating from '../routes/seating/resources.ts'
import * as waitlist from '../routes/waitlist/schemas.ts'

/** The schemas that have a name, in the order in which the document lists them. */
const COMPONENTS = [
  offer.PoolSchema,
  offer.TicketTypeSchema,
  events.EventSchema,
  events.EventInputSchema,
  events.EventPatch,
  events.EventPageSchema,
  seating.SeatingSchema,
  seating.LabelsInputSchema,
  seating.SeatSchema,
  seating.SeatPageSchema,
  lines.LineSchema,
  bookings.BookingSchema,
  reserving.ReserveInputSchema,
  bookings.ReservedSchema,
  bookings.QueuedSchema,
  bookings.BookingPatchSchema,
  bookings.ConfirmInputSchema,
  bookings.BookingPageSchema,
  bookings.EntrySchema,
  reserving.ImportLineSchema,
  importing.ImportAnswerSchema,
  waitlist.WaitlistPageSchema,
  history.HistoryEntrySchema,
  history.HistoryPageSchema,
  keys.ApiKeySchema,
  keys.ApiKeyInputSchema,
  keys.IssuedApiKeySchema,
  keys.ApiKeyPageSchema,
  ErrorSchema,
  ProblemSchema,
]

/** Makes the named schemas known to the routes that refer to them, and to the OpenAPI document. */
function components(app: FastifyInstance, _options: object, done: () => void): void {
  for (const schema of COMPONENTS) app.addSchema(schema)
  done()
}

export default fp(components, { name: 'components', fastify: '5.x' })
