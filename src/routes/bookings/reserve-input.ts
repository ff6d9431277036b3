import { Type } from '@sinclair/typebox'
import { MAX_SEATS_PER_BOOKING } from '../../domain/policy.ts'
import { component } from '../../http/answer-schema.ts'
import { Metadata } from '../../http/metadata.ts'
import { MAX_INTEGER } from '../../http/schemas.ts'
import { Optional } from '../../http/validation/optional.ts'
import { UserIdText } from '../../http/validation/user-id.ts'
import { importLineExample, linesInputExample, reserveInputExample } from './examples.ts'
import { Lines } from './lines.ts'

export const EventId = Type.Integer({
  minimum: 1,
  maximum: MAX_INTEGER,
  description: 'Id of the event',
})

const UserId = UserIdText({
  description:
    'Id of the user: any string that the client chooses and that is not blank. With a token it is the ' +
    "token's subject, and may be left out or null",
})

export const Seats = Type.Integer({
  minimum: 1,
  maximum: MAX_SEATS_PER_BOOKING,
  description: "Number of seats, at most the event's `max_seats_per_booking`",
})
/** What is to be reserved, but for the event. */
const RESERVED_MEMBERS = {
  user_id: UserId,
  seats: Optional({
    ...Seats,
    description:
      "Number of seats, at most the event's `max_seats_per_booking`, of its only ticket type; default: 1",
  }),
  lines: Lines,
  hold: Optional(
    Type.Boolean({ description: 'Hold the seats until `expires_at`; default: false' }),
  ),
  waitlist: Optional(
    Type.Boolean({ description: 'Join the waitlist if there is no room; default: false' }),
  ),
  metadata: Optional(Metadata),
}

export const ReserveInputSchema = component(
  'ReserveInput',
  Type.Object(
    { event_id: EventId, ...RESERVED_MEMBERS },
    { examples: [reserveInputExample, linesInputExample] },
  ),
  'What is to be reserved, and for whom',
)

export const ImportLineSchema = component(
  'ImportLine',
  Type.Object(RESERVED_MEMBERS, { examples: [importLineExample] }),
  'A line of an import: what is to be reserved, and for whom. The event is that of the path',
)
