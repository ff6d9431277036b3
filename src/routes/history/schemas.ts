import { Type } from '@sinclair/typebox'
import { Cursor, Limit, NextCursor } from '../../http/paging.ts'
import {
  idError,
  IdParams,
  MAX_ID,
  nullable,
  oneOf,
  queryErrors,
  Timestamp,
} from '../../http/schemas.ts'

const TYPES = [
  'event_created',
  'booked',
  'held',
  'confirmed',
  'extended',
  'resized',
  'cancelled',
  'released',
  'expired',
  'promoted',
  'waitlisted',
  'left_waitlist',
  'capacity_changed',
  'event_deleted',
] as const

const NullableId = (description: string) =>
  Type.Unsafe<number | null>({ type: ['integer', 'null'], description })
const NullableText = (description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], description })

const EntrySchema = Type.Object({
  sequence: Type.Integer({ description: 'Counts the changes of the event from 1, without gaps' }),
  type: oneOf(TYPES, { description: 'What happened' }),
  user_id: NullableText('Whose booking or place in line it was'),
  booking_id: NullableId('Which booking'),
  waitlist_entry_id: NullableId('Which place in line; of a promotion: the one that was served'),
  seats_before: Type.Integer({ description: 'Of the booking, the place or the capacity' }),
  seats_after: Type.Integer({ description: 'Of the same; 0 where it is gone' }),
  status: NullableText('Of the booking, after the change: held or confirmed'),
  expires_at: nullable(Timestamp, { description: 'Of the hold, after the change' }),
  at: Timestamp({ description: "When, by the database's clock, in UTC" }),
  request_id: NullableText('`X-Request-Id` of the request; null where the service itself did it'),
})

const example = {
  sequence: 2,
  type: 'held',
  user_id: 'user123',
  booking_id: 1,
  waitlist_entry_id: null,
  seats_before: 0,
  seats_after: 2,
  status: 'held',
  expires_at: '2024-01-15T10:40:00.000Z',
  at: '2024-01-15T10:30:00.000Z',
  request_id: '0b1f6f0c-6f0a-4a3e-9d83-5d3c1a3f7c11',
}

export const historySchema = {
  operationId: 'getHistory',
  tags: ['History'],
  summary: "Read an event's history",
  description:
    "Every change of an event's bookings, waitlist and capacity, oldest first, also of an event " +
    'that was deleted. `after` is the sequence number from which on to read: with the last one ' +
    'that was seen it gives what is new. `next_cursor` leads to the next page of what there was.',
  params: IdParams,
  querystring: Type.Object({
    after: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MAX_ID,
        description: 'Only changes with a higher sequence number; all unless told',
      }),
    ),
    limit: Limit,
    cursor: Cursor,
  }),
  response: {
    200: Type.Object(
      { history: Type.Array(EntrySchema), next_cursor: NextCursor },
      { description: 'A page of history', examples: [{ history: [example], next_cursor: null }] },
    ),
    ...queryErrors(
      'invalid_cursor',
      ['validation_failed', `after must be an integer between 0 and ${MAX_ID}`],
      idError,
      'event_not_found',
    ),
  },
}
