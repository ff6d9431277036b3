import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Command, Result } from '../domain/commands.ts'
import type { Reservations } from '../engine/engine.ts'
import type { Answer } from '../engine/orders.ts'
import { failureOf, sendFailure } from './failure.ts'
import { idempotentRequestOf } from './idempotency.ts'
import { failureFor } from './refusal.ts'

/** A success as it is sent, and as it is stored under an idempotency key. */
export interface Success {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Null for none. */
  readonly body: object | null
}

/** What a result looks like from outside. */
export type Represent = (result: Result) => Success

/** The answer of commands that leave nothing to show. */
export const NO_CONTENT: Success = { status: 204, headers: {}, body: null }

/**
 * Carries a command out and answers its request: with the result, the refusal, or what was
 * answered before under the same idempotency key.
 *
 * @throws ServiceError where nothing could be decided; see `Reservations.execute`
 */
export async function carryOut<Reply extends FastifyReply>(
  reservations: Reservations,
  request: FastifyRequest,
  reply: Reply,
  command: Command,
  represent: Represent,
): Promise<Reply> {
  const asked = idempotentRequestOf(request)
  const answer = await reservations.execute(command, {
    idempotency: asked && { ...asked, represent: ({ result }) => represent(result) },
    // A client that has gone away while its command waited costs the database nothing.
    isAbandoned: () => request.socket.destroyed,
  })
  sendAnswer(request, reply, answer, represent)
  return reply
}

/** Sends what came of a command. */
export function sendAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
  represent: Represent,
): FastifyReply {
  switch (answer.kind) {
    case 'decided':
      return answer.outcome.ok
        ? sendSuccess(reply, represent(answer.outcome.result))
        : sendFailure(request, reply, failureFor(answer.outcome))
    case 'replayed':
      reply.header('idempotency-replayed', 'true')
      return sendSuccess(reply, asSuccess(answer.response))
    case 'key_reused':
      return sendFailure(request, reply, failureOf('idempotency_key_reused'))
  }
}

/** Sends a success as it stands: status, headers and body. */
export function sendSuccess(reply: FastifyReply, success: Success): FastifyReply {
  reply.code(success.status).headers(success.headers)
  return success.body === null ? reply.send() : reply.send(success.body)
}

/** What `represent` made comes back as it was; anything else is a mistake of ours. */
function asSuccess(stored: unknown): Success {
  if (isSuccess(stored)) return stored
  throw new TypeError('what is stored under the idempotency key is no answer')
}

function isSuccess(value: unknown): value is Success {
  return (
    typeof value === 'object' &&
    value !== null &&
    'status' in value &&
    typeof value.status === 'number' &&
    'headers' in value &&
    typeof value.headers === 'object' &&
    'body' in value &&
    typeof value.body === 'object'
  )
}
