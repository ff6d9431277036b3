import type { Command, Outcome } from '../domain/commands.ts'
import type { BatchResult } from './group-commit.ts'
import {
  loadResponses,
  storeResponses,
  type IdempotentRequest,
  type StoredResponse,
} from '../store/idempotency.ts'
import type { Sql } from '../store/rows.ts'

/** How a request is remembered, and what is remembered of its success. */
export interface Idempotency extends IdempotentRequest {
  readonly represent: (outcome: Outcome & { ok: true }) => unknown
}

/** A command as it was asked for. */
export interface Order {
  readonly command: Command
  readonly idempotency: Idempotency | null
}

export type Answer =
  | { readonly kind: 'decided'; readonly outcome: Outcome }
  /** The command took effect before: this is what was answered then. */
  | { readonly kind: 'replayed'; readonly response: unknown }
  /** The key was used for another request. */
  | { readonly kind: 'key_reused' }

export type OrderResult = BatchResult<Answer>

/** Answers the orders that took effect before; returns those that are to be decided. */
export async function replayKnown(
  tx: Sql,
  orders: readonly Order[],
  results: Map<Order, OrderResult>,
): Promise<Order[]> {
  const keys = orders.flatMap(({ idempotency }) => idempotency?.key ?? [])
  const known = await loadResponses(tx, keys)
  const inBatch = new Set<string>()
  return orders.filter((order) => {
    const { idempotency } = order
    if (idempotency === null) return true
    const stored = known.get(idempotency.key)
    if (stored !== undefined) results.set(order, done(replay(idempotency, stored)))
    // The second of two at once gets what comes of the first.
    else if (inBatch.has(idempotency.key)) results.set(order, { status: 'again' })
    else {
      inBatch.add(idempotency.key)
      return true
    }
    return false
  })
}

/**
 * Answers requests whose key another one of the batch had first. Where that one was refused, so is
 * the same request again: nobody has been told of anything yet. Another request under the key of a
 * refused one is free to try, in the next batch.
 */
export function answerDuplicates(
  decided: readonly Order[],
  results: Map<Order, OrderResult>,
): void {
  const firsts = new Map(decided.map((order) => [order.idempotency?.key, order]))
  for (const [order, { status }] of results) {
    const { idempotency } = order
    const first = idempotency === null ? undefined : firsts.get(idempotency.key)
    if (status !== 'again' || idempotency === null || !first?.idempotency) continue
    const result = results.get(first)
    if (result?.status !== 'done' || result.value.kind !== 'decided') continue
    const { outcome } = result.value
    const { fingerprint, represent } = first.idempotency
    if (outcome.ok) {
      const stored = { fingerprint, response: represent(outcome) }
      results.set(order, done(replay(idempotency, stored)))
    } else if (fingerprint === idempotency.fingerprint) results.set(order, result)
  }
}

/** What a request under a known key gets: the stored answer, if it asks for the same. */
export function replay({ fingerprint }: IdempotentRequest, stored: StoredResponse): Answer {
  return stored.fingerprint === fingerprint
    ? { kind: 'replayed', response: stored.response }
    : { kind: 'key_reused' }
}

/** Successes alone are kept: a refusal changed nothing and may be right the next time. */
export async function remember(
  tx: Sql,
  orders: readonly Order[],
  outcomes: readonly Outcome[],
): Promise<void> {
  const responses = orders.flatMap(({ idempotency }, i) => {
    const outcome = outcomes[i]
    if (idempotency === null || !outcome?.ok) return []
    const { key, fingerprint } = idempotency
    return [{ key, fingerprint, response: idempotency.represent(outcome) }]
  })
  await storeResponses(tx, responses)
}

export function done(value: Answer): OrderResult {
  return { status: 'done', value }
}
