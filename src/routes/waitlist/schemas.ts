import { Type } from '@sinclair/typebox'
import { entryExample, EntrySchema } from '../bookings/schemas.ts'
import { CommandHeaders } from '../../http/idempotency.ts'
import { Cursor, Limit, NextCursor } from '../../http/paging.ts'
import {
  commandErrors,
  eventIdError,
  EventIdParams,
  idError,
  IdParams,
  NoContent,
  queryErrors,
} from '../../http/schemas.ts'

const tags = ['Waitlist']

export const listWaitlistSchema = {
  operationId: 'listWaitlist',
  tags,
  summary: "List an event's waitlist",
  description: 'Lists the waitlist in the order in which it is served.',
  params: EventIdParams,
  querystring: Type.Object({ limit: Limit, cursor: Cursor }),
  response: {
    200: Type.Object(
      { waitlist: Type.Array(EntrySchema), next_cursor: NextCursor },
      {
        description: 'A page of the waitlist',
        examples: [{ waitlist: [entryExample], next_cursor: null }],
      },
    ),
    ...queryErrors('invalid_cursor', eventIdError, 'event_not_found'),
  },
}

export const leaveWaitlistSchema = {
  operationId: 'leaveWaitlist',
  tags,
  summary: 'Leave a waitlist',
  description: 'Gives up the place in the waitlist. Entries behind it that now fit are served.',
  params: IdParams,
  headers: CommandHeaders,
  response: {
    204: NoContent('The entry is deleted', 'Idempotency-Replayed'),
    ...commandErrors(idError, 'waitlist_entry_not_found'),
  },
}
