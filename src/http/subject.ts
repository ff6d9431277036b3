import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isOwn, type Caller } from '../domain/access.ts'
import { NO_EVENT, type Command } from '../domain/commands.ts'
import type { Refusal } from '../domain/outcomes.ts'
import type { SuccessOf } from '../domain/successes.ts'
import { recall } from '../engine/recall.ts'
import { carryOut, sendExecuted, type View } from './answer.ts'
import { idempotentRequestOf } from './idempotency.ts'

/** A command whose subject, a booking for instance, the request names without its event. */
interface OnSubject<C extends Command> {
  /** The event that the subject belongs to; null where the subject is not there for who asks. */
  readonly findEvent: () => Promise<number | null>
  readonly make: (eventId: number) => C
  readonly whyMissing: () => Promise<Refusal>
  readonly view: View<SuccessOf<C>>
}

/**
 * The event of what was looked up, unless that is another user's: from here on it goes the way of what
 * never was, through the same reads to the same answer.
 */
export function eventIfOwn(
  caller: Caller,
  found: { readonly eventId: number; readonly userId: string } | null,
): number | null {
  return found !== null && isOwn(caller, found.userId) ? found.eventId : null
}

/**
 * Carries such a command out. The event is looked up first, without a lock: nothing ever moves to
 * another event, and whether the subject is still there is decided while the event's lock is held.
 */
export async function carryOutOn<C extends Command, Reply extends FastifyReply>(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: Reply,
  { findEvent, make, whyMissing, view }: OnSubject<C>,
): Promise<Reply> {
  const eventId = await findEvent()
  if (eventId !== null) return carryOut(app, request, reply, make(eventId), view)
  const asked = idempotentRequestOf(request)
  const storedUnder = (key: string) => app.reads.storedUnder(request, key)
  const executed = await recall(make(NO_EVENT), asked, storedUnder, whyMissing)
  sendExecuted(request, reply, executed, view)
  return reply
}
