import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import { classifyFailure, type FailureKind } from '../database/failure.ts'
import type { Command, Outcome } from './commands.ts'
import { decide } from './decide.ts'
import type { BatchResult, LockMode } from './group-commit.ts'
import {
  KeyTakenError,
  loadResponses,
  storeResponses,
  type IdempotentRequest,
  type StoredResponse,
} from './store/idempotency.ts'
import { completeState, lockAndLoad } from './store/load.ts'
import { allowLockWait, existingEvents } from './store/lock.ts'
import { writeChanges } from './store/write.ts'

export interface TransactionBounds {
  /** How long to wait for a connection of the pool. */
  readonly transactionMaxWaitMs: number
  /** How long a batch may wait for a lock that it was sent to wait for. */
  readonly lockTimeoutMs: number
  /** How long the transaction may be open. */
  readonly transactionTimeoutMs: number
}

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

export type Result = BatchResult<Answer>

/** Where a failed transaction stood. Only from `commit` on can it have taken effect. */
export type Stage = 'work' | 'commit'

/** A transaction that failed, with the stage it had reached. */
export class TransactionFailure extends Error {
  override readonly name = 'TransactionFailure'
  readonly stage: Stage
  readonly kind: FailureKind

  constructor(stage: Stage, cause: unknown) {
    super(`the transaction failed at the stage ${stage}`, { cause })
    this.stage = stage
    this.kind = cause instanceof KeyTakenError ? 'conflict' : classifyFailure(cause)
  }
}

/**
 * Carries out a batch of commands in one transaction: lock, load, decide, write, commit. When it
 * returns, the commit is on the disk: only then may an outcome be told to anyone.
 *
 * @throws TransactionFailure
 */
export async function runBatch(
  prisma: PrismaClient,
  bounds: TransactionBounds,
  given: readonly Order[],
  mode: LockMode,
  more: () => readonly Order[],
): Promise<Result[]> {
  return inTransaction(prisma, bounds, async (tx) => {
    const asked = new Set(given.map(({ command }) => command.eventId))
    if (mode === 'wait') await allowLockWait(tx, bounds.lockTimeoutMs)
    let loaded = await lockAndLoad(tx, [...asked], commandsOf(given), mode)
    const had = new Set(loaded.events.map(({ id }) => id))
    const notHad = [...asked].filter((id) => !had.has(id))
    const locked = mode === 'skip' ? await existingEvents(tx, notHad) : new Set<number>()
    // What has come for these events while the locks were waited for goes along.
    const added = mode === 'wait' || loaded.isStale ? more() : []
    const orders = [...given, ...added]
    if (loaded.isStale || added.length > 0) {
      loaded = await lockAndLoad(tx, [...had], commandsOf(orders), mode)
    }
    const free = orders.filter(
      ({ command: { eventId } }) => asked.has(eventId) && !locked.has(eventId),
    )
    const results = new Map<Order, Result>(orders.map((order) => [order, { status: 'locked' }]))
    const fresh = await replayKnown(tx, free, results)
    if (fresh.length > 0) {
      const commands = commandsOf(fresh)
      const { outcomes, changes } = decide(await completeState(tx, loaded, commands), commands)
      await writeChanges(tx, changes)
      await remember(tx, fresh, outcomes)
      fresh.forEach((order, i) => {
        const outcome = outcomes[i]
        if (outcome) results.set(order, done({ kind: 'decided', outcome }))
      })
      answerDuplicates(fresh, results)
    }
    return [...results.values()]
  })
}

/** Runs `work` in one interactive transaction. @throws TransactionFailure */
export async function inTransaction<T>(
  prisma: PrismaClient,
  bounds: TransactionBounds,
  work: (tx: Prisma.TransactionClient) => Promise<T>,
): Promise<T> {
  let stage: Stage = 'work'
  try {
    return await prisma.$transaction(
      async (tx) => {
        const result = await work(tx)
        stage = 'commit'
        return result
      },
      { maxWait: bounds.transactionMaxWaitMs, timeout: bounds.transactionTimeoutMs },
    )
  } catch (error) {
    throw new TransactionFailure(stage, error)
  }
}

/** Answers the orders that took effect before; returns those that are to be decided. */
async function replayKnown(
  tx: Prisma.TransactionClient,
  orders: readonly Order[],
  results: Map<Order, Result>,
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
function answerDuplicates(decided: readonly Order[], results: Map<Order, Result>): void {
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
async function remember(
  tx: Prisma.TransactionClient,
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

function commandsOf(orders: readonly Order[]): Command[] {
  return orders.map(({ command }) => command)
}

function done(value: Answer): Result {
  return { status: 'done', value }
}
