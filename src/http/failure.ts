import { STATUS_CODES } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ERRORS, type ErrorCode } from './errors.ts'
import { prefersProblemDetails, PROBLEM_JSON } from './accept.ts'
import { varyBy } from './vary.ts'

/** An answer that is not a success, for either of the two envelopes. */
export interface Failure {
  code: ErrorCode
  status: number
  text: string
  retryAfterSeconds?: number | undefined
  /** More headers of the answer. */
  headers?: Readonly<Record<string, string>> | undefined
  /** More members of problem details. */
  details?: object
  /** The cause, for the log of a 5xx; never sent. */
  cause?: unknown
  /** What the body tells beside the text. */
  members?: Readonly<Record<string, unknown>>
  /** Made before, where it is the answer to very many requests: those that are turned away. */
  bodies?: Bodies
}

/** What is sent, in either envelope. */
interface Bodies {
  readonly error: string
  readonly problem: string
}

declare module 'fastify' {
  interface FastifyReply {
    /** Set if the answer is a failure, for the request's line in the log. */
    failure: Failure | null
  }
}

/** The catalogue's failure of this code, with a more specific text if one is given. */
export function failureOf(code: ErrorCode, text?: string): Failure {
  const { status, text: usual } = ERRORS[code]
  return { code, status, text: text ?? usual, ...(status === 503 && { retryAfterSeconds: 1 }) }
}

/**
 * Answers with a failure: `{"error": text}`, or problem details if the client asks for them. Routes
 * call it for refusals too: those are frequent, and capturing an Error's stack would cost more than
 * the answer.
 */
export function sendFailure(
  request: FastifyRequest,
  reply: FastifyReply,
  failure: Failure,
): FastifyReply {
  reply.failure = failure
  // A cache must not hand one envelope to a client that asked for the other (RFC 9110, 12.5.5).
  varyBy(reply.code(failure.status), 'accept')
  if (failure.retryAfterSeconds !== undefined) {
    reply.header('retry-after', Math.max(1, Math.ceil(failure.retryAfterSeconds)))
  }
  if (failure.headers !== undefined) reply.headers(failure.headers)
  return prefersProblemDetails(request.headers.accept)
    ? reply.type(PROBLEM_JSON).send(failure.bodies?.problem ?? problemTextOf(failure))
    : reply.type('application/json; charset=utf-8').send(failure.bodies?.error ?? textOf(failure))
}

/** A failure that many requests share, with its bodies. */
export function sharedFailure(failure: Failure): Failure {
  const bodies = { error: textOf(failure), problem: problemTextOf(failure) }
  return Object.freeze({ ...failure, bodies })
}

function textOf({ text, members }: Failure): string {
  return JSON.stringify({ error: text, ...members })
}

function problemTextOf(failure: Failure): string {
  return JSON.stringify(problemOf(failure))
}

/** Problem details of a failure (RFC 9457; with `about:blank`, `code` identifies the error). */
export function problemOf({ status, text, code, members, details }: Failure) {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: text,
    code,
    ...members,
    ...details,
  }
}
