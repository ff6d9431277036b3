import { Type } from '@sinclair/typebox'
import { entryExample, EntrySchema } from '../bookings/schemas.ts'
import { CommandHeaders } from '../../http/idempotency.ts'
import { Cursor, Limit, NextCursor } from '../../http/paging.ts'
import { commandErrors, idError, IdParams, NoContent, queryErrors } from '../../http/schemas.ts'

const tags = ['Waitlist']

export const listWaitlistSchema = {
  operationId: 'listWaitlist',
  tags,
  summary: "List an event's waitlist",
  description: 'Who waits for seats, first in line first. Nobody overtakes.',
  params: IdParams,
  querystring: Type.Object({ limit: Limit, cursor: Cursor }),
  response: {
    200: Type.Object(
      { waitlist: Type.Array(EntrySchema), next_cursor: NextCursor },
      {
        description: 'A page of the waitlist',
        examples: [{ waitlist: [entryExample], next_cursor: null }],
      },
    ),
    ...queryErrors('invalid_cursor', idError, 'event_not_found'),
  },
}

export const leaveWaitlistSchema = {
  operationId: 'leaveWaitlist',
  tags,
  summary: 'Leave a waitlist',
  description: 'Gives a place in line up. Who stood behind it and fits is served at once.',
  params: IdParams,
  headers: CommandHeaders,
  response: {
    204: NoContent('The place is given up', 'Idempotency-Replayed'),
    ...commandErrors(idError, 'waitlist_entry_not_found'),
  },
}
