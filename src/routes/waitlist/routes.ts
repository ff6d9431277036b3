import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import type { LeaveWaitlistCommand } from '../../domain/commands.ts'
import { originOf, viewNothing } from '../../http/answer.ts'
import { carryOutOn } from '../../http/subject.ts'
import { failureOf, sendFailure } from '../../http/failure.ts'
import { decodeCursor, limits, pageOf } from '../../http/paging.ts'
import { eventExists } from '../../store/reads/events.ts'
import { findEventOfEntry, listWaitlist } from '../../store/reads/waitlist.ts'
import { leaveWaitlistSchema, listWaitlistSchema } from './schemas.ts'
import { entryJson } from './view.ts'

/** Waitlists over HTTP. Joining one is `reserve` with `waitlist`. */
const waitlistRoutes: FastifyPluginCallbackTypebox = (app, _options, done) => {
  const listOptions = { schema: listWaitlistSchema }
  app.get('/events/:id(^\\d+$)/waitlist', listOptions, async (request, reply) => {
    const { id: eventId } = request.params
    const { limit, toRead } = limits(request.query.limit)
    const list = `waitlist/${eventId}`
    // Positions go on from the page before: to count those in front would cost as much as they are.
    const [afterId, before] = decodeCursor(request.query.cursor, list, ['id', 'id']) ?? [0, 0]
    const entries = await app.read(request, async (prisma) => {
      const found = await listWaitlist(prisma, { eventId, afterId, limit: toRead })
      return found.length > 0 || (await eventExists(prisma, eventId)) ? found : null
    })
    if (entries === null) return sendFailure(request, reply, failureOf('event_not_found'))
    const places = entries.map((entry, i) => ({ entry, position: before + i + 1 }))
    const page = pageOf(places, limit, list, ({ entry, position }) => [entry.id, position])
    return reply.send({
      waitlist: page.rows.map(({ entry, position }) => entryJson(entry, position)),
      next_cursor: page.nextCursor,
    })
  })

  const leaveOptions = { schema: leaveWaitlistSchema }
  app.delete('/waitlist/:id(^\\d+$)', leaveOptions, async (request, reply) => {
    const { id: entryId } = request.params
    return carryOutOn<LeaveWaitlistCommand, typeof reply>(app, request, reply, {
      findEvent: (prisma) => findEventOfEntry(prisma, entryId),
      make: (eventId) => ({ type: 'leave_waitlist', eventId, origin: originOf(request), entryId }),
      whyMissing: () => Promise.resolve('waitlist_entry_not_found'),
      view: viewNothing,
    })
  })
  done()
}

export default waitlistRoutes
