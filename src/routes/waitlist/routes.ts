import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { LeaveWaitlistCommand } from '../../domain/commands.ts'
import type { WaitlistEntry } from '../../domain/model.ts'
import { originOf, viewNothing } from '../../http/answer.ts'
import { carryOutOn } from '../../http/subject.ts'
import { failureOf, sendFailure } from '../../http/failure.ts'
import { decodeCursor, limits, pageOf } from '../../http/paging.ts'
import { shownAs } from '../../http/shown.ts'
import { eventExists } from '../../store/reads/events.ts'
import { entryKey, listWaitlist, type PlacedEntry } from '../../store/reads/waitlist.ts'
import { getEntrySchema, leaveWaitlistSchema, listWaitlistSchema } from './schemas.ts'
import { entryJson } from './view.ts'

/** Waitlists over HTTP. Joining one is `reserve` with `waitlist`. */
const waitlistRoutes: FastifyPluginCallbackTypebox = (app, _options, done) => {
  const listOptions = { schema: listWaitlistSchema }
  app.get('/events/:id(^\\d+$)/waitlist', listOptions, async (request, reply) => {
    const { id: eventId } = request.params
    const { user_id: userId, cursor } = request.query
    const { limit, toRead } = limits(request.query.limit)
    const list = userId === undefined ? `waitlist/${eventId}` : `waitlist/${eventId}/user`
    // Positions go on from the page before: to count those in front would cost as much as they are.
    const [afterId, before] = decodeCursor(cursor, list, ['id', 'id']) ?? [0, 0]
    const places =
      userId === undefined
        ? await app.list(request, async (sql) => {
            const found = await listWaitlist(sql, { eventId, afterId, before, limit: toRead })
            return found.length > 0 || (await eventExists(sql, eventId)) ? found : null
          })
        : await listEntryOf(app, request, { eventId, userId })
    if (places === null) return sendFailure(request, reply, failureOf('event_not_found'))
    const page = pageOf(places, limit, list, ({ entry, position }) => [entry.id, position])
    return reply.send({ waitlist: page.rows.map(entryJson), next_cursor: page.nextCursor })
  })

  const getOptions = { schema: getEntrySchema }
  app.get('/waitlist/:id(^\\d+$)', getOptions, async (request, reply) => {
    const found = await app.reads.entry(request, request.params.id)
    return found === null
      ? sendFailure(request, reply, failureOf('waitlist_entry_not_found'))
      : sendEntry(reply, found)
  })

  const leaveOptions = { schema: leaveWaitlistSchema }
  app.delete('/waitlist/:id(^\\d+$)', leaveOptions, async (request, reply) => {
    const { id: entryId } = request.params
    return carryOutOn<LeaveWaitlistCommand, typeof reply>(app, request, reply, {
      findEvent: () => app.reads.eventOfEntry(request, entryId),
      make: (eventId) => ({ type: 'leave_waitlist', eventId, origin: originOf(request), entryId }),
      whyMissing: () => Promise.resolve('waitlist_entry_not_found'),
      view: viewNothing,
    })
  })
  done()
}

const sendEntry = shownAs(entryJson)

/**
 * A user's entry for an event as a list of one or none; null where there is no event. In no lane for
 * lists: everybody in line may ask for it again and again.
 */
async function listEntryOf(
  { reads }: Pick<FastifyInstance, 'reads'>,
  request: FastifyRequest,
  key: Pick<WaitlistEntry, 'eventId' | 'userId'>,
): Promise<PlacedEntry[] | null> {
  const id = await reads.entryOf(request, entryKey(key))
  const placed = id === null ? null : await reads.entry(request, id)
  if (placed !== null) return [placed]
  return (await reads.event(request, key.eventId)) === null ? null : []
}

export default waitlistRoutes
