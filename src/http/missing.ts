import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Refusal } from '../domain/commands.ts'
import { replay, type Answer } from '../engine/orders.ts'
import { loadResponses } from '../store/idempotency.ts'
import type { Sql } from '../store/rows.ts'
import { sendAnswer, type Represent } from './answer.ts'
import { idempotentRequestOf } from './idempotency.ts'

/**
 * Answers a command on what is not there any more. It may be gone because this very request has
 * been carried out: then, under its key, it is answered as it was then.
 *
 * @param sql - asked only after the subject was found missing: what deleted it has stored the
 *   answer in the same commit
 */
export async function answerMissing<Reply extends FastifyReply>(
  sql: Sql,
  request: FastifyRequest,
  reply: Reply,
  represent: Represent,
  why: (sql: Sql) => Promise<Refusal>,
): Promise<Reply> {
  const asked = idempotentRequestOf(request)
  const stored = asked && (await loadResponses(sql, [asked.key])).get(asked.key)
  const answer: Answer =
    asked && stored
      ? replay(asked, stored)
      : { kind: 'decided', outcome: { ok: false, refusal: await why(sql) } }
  sendAnswer(request, reply, answer, represent)
  return reply
}
