import type { FastifyReply, FastifyRequest } from 'fastify'
import { isOwn, type Caller } from '../domain/access.ts'
import { HttpError } from './errors.ts'

/**
 * The user whose things a list is to show: the one that is asked for, and for who asks with a token
 * its subject, whether it is asked for or not.
 *
 * @throws HttpError `user_mismatch` where another user's are asked for
 */
export function userAskedFor(caller: Caller, asked: string | undefined): string | undefined {
  if (asked === undefined) return caller.userId ?? undefined
  if (!isOwn(caller, asked)) throw new HttpError('user_mismatch')
  return asked
}

/**
 * Makes a hook before the validation of a body or a query with a `user_id`: who asks with a token need
 * not say who it is, and may not say that it is another. Filled in, it is the same request as with it,
 * also under an idempotency key.
 *
 * @throws (the hook) HttpError `user_mismatch`
 */
export function fillUserId(part: 'body' | 'query') {
  return (request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void => {
    const { caller, [part]: members } = request
    if (caller.userId !== null && isObject(members)) {
      const given = members['user_id']
      if (given === undefined || given === null || given === '') members['user_id'] = caller.userId
      // What is no text is told of by the schema.
      else if (typeof given === 'string' && !isOwn(caller, given)) {
        done(new HttpError('user_mismatch'))
        return
      }
    }
    done()
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
