import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Command } from '../domain/commands.ts'
import type { Origin } from '../domain/commands/asked.ts'
import type { Refused, Success } from '../domain/outcomes.ts'
import type { SuccessOf } from '../domain/successes.ts'
import type { Executed } from '../engine/submission.ts'
import { basePathOf } from './base-path.ts'
import { mismatchText } from './etag.ts'
import { sendFailure, type Failure } from './failure.ts'
import { idempotentRequestOf } from './idempotency.ts'
import { failureFor } from './refusal.ts'

/** A success as it is sent. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The path of what was made, as the service has it: the base path is put before it. */
  readonly location?: string
  /** Null for none. */
  readonly body: object | null
}

/** What the success of a command looks like from outside. */
export type View<S extends Success> = (success: S) => Answer

const NO_CONTENT: Answer = { status: 204, headers: {}, body: null }

/** The view of commands that leave nothing to show. */
export function viewNothing(): Answer {
  return NO_CONTENT
}

/** Who asks, for the history. */
export function originOf(request: FastifyRequest): Origin {
  const { tenantId, actor, userId } = request.caller
  return { tenantId, actor, userId, requestId: request.id }
}

/**
 * Carries a command out and answers its request: with what came of it, now or the first time that
 * it was sent under its idempotency key.
 *
 * @throws EngineError where nothing could be decided; see `Reservations.execute`
 */
export async function carryOut<C extends Command, Reply extends FastifyReply>(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: Reply,
  command: C,
  view: View<SuccessOf<C>>,
): Promise<Reply> {
  const executed = await app.reservations.execute(command, {
    idempotency: idempotentRequestOf(request),
    // A client that has gone away while its command waited costs the database nothing.
    isAbandoned: () => request.socket.destroyed,
    trace: request.trace?.command,
  })
  sendExecuted(request, reply, executed, view)
  return reply
}

/** Sends what came of a command. */
export function sendExecuted<S extends Success>(
  request: FastifyRequest,
  reply: FastifyReply,
  { outcome, isReplayed }: Executed<S | Refused>,
  view: View<S>,
): FastifyReply {
  if (outcome.kind === 'refused') return sendFailure(request, reply, refusalOf(request, outcome))
  if (isReplayed) reply.header('idempotency-replayed', 'true')
  return sendAnswer(reply, view(outcome))
}

/** Only the request tells why a condition did not fit. */
function refusalOf({ headers }: FastifyRequest, outcome: Refused): Failure {
  const failure = failureFor(outcome)
  if (failure.code !== 'precondition_failed') return failure
  return { ...failure, text: mismatchText(headers['if-match']) ?? failure.text }
}

/** Sends a success as it stands: status, headers and body. */
export function sendAnswer(reply: FastifyReply, answer: Answer): FastifyReply {
  reply.code(answer.status).headers(answer.headers)
  if (answer.location !== undefined) {
    reply.header('location', basePathOf(reply.request) + answer.location)
  }
  return answer.body === null ? reply.send() : reply.send(answer.body)
}
