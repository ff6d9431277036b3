import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import { representEntry, representNothing } from '../bookings/view.ts'
import { eventExists } from '../../store/reads/events.ts'
import { carryOut } from '../../http/answer.ts'
import { failureOf, sendFailure } from '../../http/failure.ts'
import { answerMissing } from '../../http/missing.ts'
import { decodeCursor, limits, pageOf } from '../../http/paging.ts'
import { leaveWaitlistSchema, listWaitlistSchema } from './schemas.ts'
import { findEventOfEntry, listWaitlist } from '../../store/reads/waitlist.ts'

/** Waitlists over HTTP. Joining one is `reserve` with `waitlist`. */
const waitlistRoutes: FastifyPluginCallbackTypebox = (app, _options, done) => {
  const listOptions = { schema: listWaitlistSchema }
  app.get('/events/:id(^\\d+$)/waitlist', listOptions, async (request, reply) => {
    const { id: eventId } = request.params
    const { limit, toRead } = limits(request.query.limit)
    const list = `waitlist/${eventId}`
    const [afterId] = decodeCursor(request.query.cursor, list, ['id']) ?? [0]
    const places = await app.onDatabase((sql) =>
      listWaitlist(sql, { eventId, afterId, limit: toRead }),
    )
    if (places.length === 0 && !(await app.onDatabase((sql) => eventExists(sql, eventId)))) {
      return sendFailure(request, reply, failureOf('event_not_found'))
    }
    const page = pageOf(places, limit, list, ({ entry }) => [entry.id])
    return reply.send({
      waitlist: page.rows.map(({ entry, position }) => representEntry(entry, position)),
      next_cursor: page.nextCursor,
    })
  })

  const leaveOptions = { schema: leaveWaitlistSchema }
  app.delete('/waitlist/:id(^\\d+$)', leaveOptions, async (request, reply) => {
    const { id: entryId } = request.params
    const eventId = await app.lookUp((sql) => findEventOfEntry(sql, entryId))
    if (eventId === null) {
      const why = () => Promise.resolve('waitlist_entry_not_found' as const)
      return app.lookUp((sql) => answerMissing(sql, request, reply, representNothing, why))
    }
    const command = { type: 'leave_waitlist', eventId, requestId: request.id, entryId } as const
    return carryOut(app.reservations, request, reply, command, representNothing)
  })
  done()
}

export default waitlistRoutes
