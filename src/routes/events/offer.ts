import { Type, type Static } from '@sinclair/typebox'
import { DEFAULT_TYPE } from '../../domain/model.ts'
import { MAX_POOLS, MAX_POOLS_OF_TYPE, MAX_SEATS_PER_BOOKING } from '../../domain/policy.ts'
import { RULE_KEYWORD } from '../../config/describe-rule.ts'
import { component, refTo } from '../../http/answer-schema.ts'
import { Key, MAX_INTEGER, Moment, nullable, Timestamp } from '../../http/schemas.ts'
import { Optional } from '../../http/validation/optional.ts'
import { Text } from '../../http/validation/text.ts'

// What an event sells: its pools and ticket types.

const PoolInput = Type.Object(
  {
    key: Key('What ticket types name it by'),
    capacity: Type.Integer({ minimum: 0, maximum: MAX_INTEGER, description: 'Its seats' }),
  },
  { description: 'A part of the seats of an event' },
)

const TicketTypeInput = Type.Object(
  {
    key: Key('What lines of bookings name it by'),
    name: Text({ description: 'Name for people' }),
    pools: Optional(
      Type.Array(Key('Key of a pool'), {
        maxItems: MAX_POOLS_OF_TYPE,
        uniqueItems: true,
        [RULE_KEYWORD]: 'an array of up to 10 keys, each once',
        description:
          'Keys of the pools that each seat is taken from, beside the seats of the event; default: none',
      }),
    ),
    max_per_booking: Type.Optional(
      Type.Unsafe<number | null>({
        type: ['integer', 'null'],
        minimum: 1,
        maximum: MAX_SEATS_PER_BOOKING,
        description: "Most seats of the type in one booking; null: as the event's own limit says",
      }),
    ),
    sales_start_at: Type.Optional(Moment('When its sales start; null: no limit')),
    sales_end_at: Type.Optional(Moment('When its sales end; null: no limit')),
  },
  { description: 'What is sold of an event' },
)

/** The members of an event's input that say what it sells. */
export const offerInput = {
  pools: Optional(
    Type.Array(PoolInput, {
      maxItems: MAX_POOLS,
      description: 'Named parts of its seats; default: none',
    }),
  ),
  ticket_types: Optional(
    Type.Array(TicketTypeInput, {
      maxItems: MAX_POOLS,
      description: `Default: one, \`${DEFAULT_TYPE}\`, which takes from no pool`,
    }),
  ),
}

export const PoolSchema = component(
  'Pool',
  Type.Object({
    key: Type.String({ description: 'What ticket types name it by' }),
    capacity: Type.Integer({ description: 'Its seats' }),
    available: Type.Integer({ description: 'Its seats that are neither taken nor blocked' }),
  }),
  'A part of the seats of an event',
)

export const TicketTypeSchema = component(
  'TicketType',
  Type.Object({
    key: Type.String({ description: 'What lines of bookings name it by' }),
    name: Type.String({ description: 'Name for people' }),
    pools: Type.Array(Type.String(), {
      description: 'Keys of the pools that each seat is taken from, beside the seats of the event',
    }),
    max_per_booking: Type.Unsafe<number | null>({
      type: ['integer', 'null'],
      description: "Most seats of the type in one booking; null: as the event's own limit says",
    }),
    sales_start_at: nullable(Timestamp, { description: 'When its sales start; null: no limit' }),
    sales_end_at: nullable(Timestamp, { description: 'When its sales end; null: no limit' }),
    available: Type.Integer({
      description: 'Free seats: the fewest that the event, or one of its pools, has',
    }),
  }),
  'What is sold of an event',
)

/** The members of an event that show what it sells. */
export const offerShown = {
  pools: Type.Array(refTo(PoolSchema), { description: 'Named parts of its seats' }),
  ticket_types: Type.Array(refTo(TicketTypeSchema), {
    description: `What is sold; empty where it is one type, \`${DEFAULT_TYPE}\`, which takes from no pool`,
  }),
}

export type TypeInput = Static<typeof TicketTypeInput>

/** Those members, as a body has them. */
export interface OfferInput {
  pools?: Static<typeof PoolInput>[]
  ticket_types?: TypeInput[]
}
