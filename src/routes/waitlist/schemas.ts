import { Type } from '@sinclair/typebox'
import { AnswerOf, ListOf } from '../../http/answer-schema.ts'
import { entryExample } from '../bookings/examples.ts'
import { EntrySchema } from '../bookings/resources.ts'
import { CommandHeaders } from '../../http/idempotency.ts'
import { Cursor, Limit, PageOf } from '../../http/paging.ts'
import { UserIdText } from '../../http/validation/user-id.ts'
import { commandErrors, queryErrors } from '../../http/error-schemas.ts'
import { eventIdError, EventIdParams, idError, IdParams, NoContent } from '../../http/schemas.ts'
import { ENTRY_CSV } from './view.ts'

const tags = ['Waitlist']

export const WaitlistPageSchema = PageOf('WaitlistPage', {
  description: 'A page of a waitlist',
  rows: 'waitlist',
  schema: EntrySchema,
  order: 'The entries, in the order of serving',
})

export const listWaitlistSchema = {
  operationId: 'listWaitlist',
  tags,
  summary: "List an event's waitlist",
  description:
    'Lists the waitlist in the order in which it is served. With `user_id` only the entry of that ' +
    'user, if there is one.',
  params: EventIdParams,
  querystring: Type.Object({
    user_id: Type.Optional(
      UserIdText({
        description:
          "Only the entry of this user. With a token only the subject's own is there, and this may be " +
          'left out',
      }),
    ),
    limit: Limit,
    cursor: Cursor,
  }),
  response: {
    200: ListOf(
      'A page of the waitlist',
      WaitlistPageSchema,
      { waitlist: [entryExample], next_cursor: null },
      { columns: ENTRY_CSV, row: entryExample },
    ),
    ...queryErrors('invalid_cursor', 'user_mismatch', eventIdError, 'event_not_found'),
  },
}

export const getEntrySchema = {
  operationId: 'getWaitlistEntry',
  tags,
  summary: 'Read a waitlist entry',
  description:
    'Returns the entry with its position. An entry that was served or given up is 404: the ' +
    "user's bookings and the event's history tell which. With a token, so is an entry of another user.",
  params: IdParams,
  response: {
    200: AnswerOf('The waitlist entry', EntrySchema, entryExample),
    ...queryErrors(idError, 'waitlist_entry_not_found'),
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
