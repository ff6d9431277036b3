import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isOwn } from '../../domain/access.ts'
import type { LeaveWaitlistCommand } from '../../domain/commands/bookings.ts'
import type { WaitlistEntry } from '../../domain/model.ts'
import { originOf, viewNothing } from '../../http/answer.ts'
import { carryOutOn, eventIfOwn } from '../../http/subject.ts'
import { failureOf, sendFailure } from '../../http/failure.ts'
import { listsShown } from '../../http/listed.ts'
import { userAskedFor } from '../../http/own-user.ts'
import { decodeCursor, encodeCursor, limitOf } from '../../http/paging.ts'
import { scoped } from '../../http/scoped.ts'
import { shownAs } from '../../http/shown.ts'
import { listWaitlist, type WaitlistQuery } from '../../store/reads/waitlist.ts'
import { getEntrySchema, leaveWaitlistSchema, listWaitlistSchema } from './schemas.ts'
import { ENTRY_CSV, entryJson, type WaitlistPage } from './view.ts'

const reading = scoped('bookings:read')
const writing = scoped('bookings:write')

/** Waitlists over HTTP. Joining one is `reserve` with `waitlist`. */
const waitlistRoutes: FastifyPluginCallbackTypebox = (app, _options, done) => {
  const readPage = app.listReader(async (sql, query: WaitlistQuery) => {
    const page = await listWaitlist(sql, query)
    if (page === null) return null
    const cursor = encodeCursor(`waitlist/${query.eventId}`, page.next)
    return { waitlist: page.rows.map(entryJson), next_cursor: cursor }
  })
  const listOptions = reading(listWaitlistSchema)
  app.get('/events/:id(^\\d+$)/waitlist', listOptions, async (request, reply) => {
    const { id: eventId } = request.params
    const { user_id: asked, cursor } = request.query
    const userId = userAskedFor(request.caller, asked)
    const { tenantId } = request.caller
    const limit = limitOf(request.query)
    const list = userId === undefined ? `waitlist/${eventId}` : `waitlist/${eventId}/user`
    const read = (from: string | undefined) => {
      // Positions go on from the page before: to count those in front would cost as much as they are.
      const [afterId, before] = decodeCursor(from, list, ['id', 'id']) ?? [0, 0]
      return userId === undefined
        ? readPage(request, { tenantId, eventId, afterId, before, limit })
        : pageOfUser(app, request, { eventId, userId })
    }
    return sendList(request, reply, { name: `waitlist-event-${eventId}`, cursor, read })
  })

  const getOptions = reading(getEntrySchema)
  app.get('/waitlist/:id(^\\d+$)', getOptions, async (request, reply) => {
    const found = await app.reads.entry(request, request.params.id)
    return found === null || !isOwn(request.caller, found.entry.userId)
      ? sendFailure(request, reply, failureOf('waitlist_entry_not_found'))
      : sendEntry(reply, found)
  })

  const leaveOptions = writing(leaveWaitlistSchema)
  app.delete('/waitlist/:id(^\\d+$)', leaveOptions, async (request, reply) => {
    const { id: entryId } = request.params
    const origin = originOf(request)
    return carryOutOn<LeaveWaitlistCommand, typeof reply>(app, request, reply, {
      findEvent: async () => eventIfOwn(origin, await app.reads.eventOfEntry(request, entryId)),
      make: (eventId) => ({ type: 'leave_waitlist', eventId, origin, entryId }),
      whyMissing: () => Promise.resolve('waitlist_entry_not_found'),
      view: viewNothing,
    })
  })
  done()
}

const sendList = listsShown(ENTRY_CSV, (page: WaitlistPage) => page.waitlist)
const sendEntry = shownAs(entryJson)

/**
 * A page with a user's entry for an event or none; null where there is no event. In no lane for lists:
 * everybody in line may ask for it again and again.
 */
async function pageOfUser(
  { reads }: Pick<FastifyInstance, 'reads'>,
  request: FastifyRequest,
  key: Pick<WaitlistEntry, 'eventId' | 'userId'>,
) {
  const id = await reads.entryOf(request, key)
  const placed = id === null ? null : await reads.entry(request, id)
  const isMissing = placed === null && (await reads.event(request, key.eventId)) === null
  if (isMissing) return null
  return { waitlist: placed === null ? [] : [entryJson(placed)], next_cursor: null }
}

export default waitlistRoutes
