import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Grant } from '../../domain/access.ts'
import { HttpError } from '../errors.ts'
import { failureOf, sendFailure, sharedFailure } from '../failure.ts'
import type { Ask, Authenticator } from './authenticators.ts'
import { INVALID_TOKEN, UNAUTHORIZED } from './challenges.ts'
import { bearerOf } from './credential.ts'

/** A request that has come to the gate. */
export interface Entrant {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** Lets it go on; with an error, to the error handler. */
  readonly next: (error?: Error) => void
}

/** For an address from where too many credentials were not valid. */
const BLOCKED = sharedFailure(failureOf('rate_limited'))

/**
 * Lets a request go on whose credential is somebody's, and answers any other. Calls `next` at once
 * where what the credential allows is at hand.
 *
 * @param authenticators - the first that knows the credential's form decides
 */
export function authenticate(authenticators: readonly Authenticator[], entrant: Entrant): void {
  const { request, reply } = entrant
  const credential = bearerOf(request.headers.authorization)
  if (credential === undefined) {
    // Who shows none learns nothing, and is not counted.
    sendFailure(request, reply, UNAUTHORIZED)
    return
  }
  const known = recognize(authenticators, credential)
  // Whoever is known already is let in from a blocked address too: somebody else there has failed.
  if (typeof known === 'object') admit(known, entrant)
  else if (!isBlocked(entrant)) void lookUp(known, entrant)
}

function recognize(authenticators: readonly Authenticator[], credential: string): Grant | Ask {
  for (const authenticator of authenticators) {
    const known = authenticator(credential)
    if (known !== undefined) return known
  }
  return askNobody
}

/** For a credential of no form that is known. */
const askNobody: Ask = () => Promise.resolve(null)

/** Whether it comes from a blocked address; then it is answered. */
function isBlocked({ request, reply }: Entrant): boolean {
  const retryAfterSeconds = request.server.failedAuth.blockedForSeconds(request)
  if (retryAfterSeconds === 0) return false
  sendFailure(request, reply, { ...BLOCKED, retryAfterSeconds })
  return true
}

async function lookUp(ask: Ask, entrant: Entrant): Promise<void> {
  const { socket, trace } = entrant.request
  let grant: Grant | null
  try {
    grant = await ask(() => socket.destroyed, trace)
  } catch (error) {
    turnAway(error, entrant)
    return
  }
  if (grant === null) refuse(entrant)
  else admit(grant, entrant)
}

function admit(grant: Grant, { request, next }: Entrant): void {
  request.grant = grant
  next()
}

function refuse({ request, reply }: Entrant): void {
  request.server.failedAuth.onFailure(request)
  sendFailure(request, reply, INVALID_TOKEN)
}

function turnAway(error: unknown, { request, reply, next }: Entrant): void {
  // Not counted: a shop whose users have kept a page open would be blocked for all of them.
  if (error instanceof HttpError && error.code === 'invalid_token') {
    sendFailure(request, reply, INVALID_TOKEN)
  } else {
    next(error instanceof Error ? error : new Error('authentication failed', { cause: error }))
  }
}
