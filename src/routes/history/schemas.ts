import { Type, type Static } from '@sinclair/typebox'
import { component, ListOf } from '../../http/answer-schema.ts'
import { FACT_TYPE_NAMES } from '../../domain/facts.ts'
import { Cursor, Limit, PageOf } from '../../http/paging.ts'
import { LinesShown } from '../bookings/lines.ts'
import { queryErrors } from '../../http/error-schemas.ts'
import {
  eventIdError,
  EventIdParams,
  MAX_ID,
  nullable,
  oneOf,
  Timestamp,
} from '../../http/schemas.ts'
import { FACT_CSV } from './view.ts'

const NullableId = (description: string) =>
  Type.Unsafe<number | null>({ type: ['integer', 'null'], description })
const NullableText = (description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], description })

export const HistoryEntrySchema = component(
  'HistoryEntry',
  Type.Object({
    sequence: Type.Integer({
      description: 'Number of the change: counts from 1 for each event, without gaps',
    }),
    type: oneOf(FACT_TYPE_NAMES, { description: 'What happened' }),
    user_id: NullableText('Id of the user whose booking or waitlist entry it is'),
    booking_id: NullableId('Id of the booking'),
    waitlist_entry_id: NullableId(
      'Id of the waitlist entry; for `promoted`, the entry that was served',
    ),
    seats_before: Type.Integer({
      description: 'Seats of the booking or entry, or the capacity, before the change',
    }),
    seats_after: Type.Integer({
      description: 'The same after the change; 0 if it no longer exists',
    }),
    lines: Type.Unsafe<Static<typeof LinesShown> | null>({
      ...LinesShown,
      type: ['array', 'null'],
      description:
        'The seats after the change by their ticket types and labels, or those that it had, where it no ' +
        'longer exists; null if all are of the default type and have no numbers',
    }),
    status: NullableText('Status of the booking after the change: held or confirmed'),
    expires_at: nullable(Timestamp, { description: 'When the hold expires, after the change' }),
    seating: NullableText(
      'For `seating_changed`, the ETag of the seating without its quotes; null if it was taken away',
    ),
    labels: Type.Unsafe<readonly string[] | null>({
      type: ['array', 'null'],
      items: { type: 'string' },
      description: 'For `seats_blocked` and `seats_unblocked`, the labels of the seats',
    }),
    pool: NullableText('With `labels`, key of the pool that they are of; null if they are of none'),
    settings: Type.Unsafe<object | null>({
      type: ['object', 'null'],
      additionalProperties: true,
      description:
        'For `event_created` all settings of the event, for `settings_changed` those that changed, ' +
        'by the names that they have in an event; null otherwise',
    }),
    metadata: Type.Unsafe<object | null>({
      type: ['object', 'null'],
      additionalProperties: true,
      description:
        'Of the booking or the waitlist entry after the change, where it is new and has any, or where they ' +
        'have changed; null otherwise',
    }),
    at: Timestamp({ description: "When it happened, by the database's clock, in UTC" }),
    actor: NullableText(
      'Who did it: the id of an API key, or `user:` and the subject of a token; null if nobody is told ' +
        'apart, or the service did it by itself',
    ),
    request_id: NullableText('`X-Request-Id` of the request; null if the service did it by itself'),
  }),
  'A change of an event, or of a booking or waitlist entry of it',
)

export const HistoryPageSchema = PageOf('HistoryPage', {
  description: 'A page of history',
  rows: 'history',
  schema: HistoryEntrySchema,
  order: 'The changes, oldest first',
})

const example = {
  sequence: 2,
  type: 'held' as const,
  user_id: 'user123',
  booking_id: 1,
  waitlist_entry_id: null,
  seats_before: 0,
  seats_after: 2,
  lines: null,
  status: 'held',
  expires_at: '2024-01-15T10:40:00.000Z',
  seating: null,
  labels: null,
  pool: null,
  settings: null,
  metadata: null,
  at: '2024-01-15T10:30:00.000Z',
  actor: 'user:user123',
  request_id: '0b1f6f0c-6f0a-4a3e-9d83-5d3c1a3f7c11',
}

export const historySchema = {
  operationId: 'getHistory',
  tags: ['History'],
  summary: "Read an event's history",
  description:
    "Lists every change of an event's bookings, waitlist and settings, oldest first, also after " +
    'the event was deleted. To get only what is new, pass the last `sequence` seen as `after`.',
  params: EventIdParams,
  querystring: Type.Object({
    after: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MAX_ID,
        description: 'Only changes with a higher sequence number; default: 0',
      }),
    ),
    limit: Limit,
    cursor: Cursor,
  }),
  response: {
    200: ListOf(
      'A page of history',
      HistoryPageSchema,
      { history: [example], next_cursor: null },
      { columns: FACT_CSV, row: example },
    ),
    ...queryErrors(
      'invalid_cursor',
      ['validation_failed', `after must be an integer between 0 and ${MAX_ID}`],
      eventIdError,
      'event_not_found',
    ),
  },
}
