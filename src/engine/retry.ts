import { setTimeout as delay } from 'node:timers/promises'
import { toServiceError } from './service-error.ts'
import type { LockMode, RunBatch } from './group-commit.ts'
import type { Answer, Order, OrderResult } from './orders.ts'
import { TransactionFailure } from './transaction.ts'

type Run = RunBatch<Order, Answer>

/** Tries of one batch, and the longest pause between two of them in milliseconds. */
const MAX_TRIES = 3
const MAX_PAUSE_MS = 40

/**
 * Makes a batch survive what can be survived, and gives each command its own fate otherwise:
 * - what surely did not happen and may work the next time is tried again, a few times, with jitter
 * - data that PostgreSQL refuses fails alone: the batch is halved until the culprit stands alone
 * - a commit whose answer was lost is never repeated: its outcome is unknown
 */
export async function runSafely(
  run: Run,
  given: readonly Order[],
  mode: LockMode,
  more: () => readonly Order[] = () => [],
): Promise<readonly OrderResult[]> {
  const orders = [...given]
  const addMore = (): readonly Order[] => {
    const added = more()
    orders.push(...added)
    return added
  }
  for (let tries = 1; ; tries += 1) {
    try {
      return await run([...orders], mode, addMore)
    } catch (error) {
      if (!(error instanceof TransactionFailure)) throw error
      const remedy = remedyFor(error)
      if (remedy === 'wait_over') return orders.map(() => ({ status: 'locked' }))
      if (remedy === 'halve' && orders.length > 1) return halve(run, orders, mode)
      if (remedy !== 'repeat' || tries === MAX_TRIES) return failAll(orders, error)
      await delay(Math.random() * MAX_PAUSE_MS)
    }
  }
}

type Remedy = 'repeat' | 'halve' | 'wait_over' | 'none'

function remedyFor({ kind, stage }: TransactionFailure): Remedy {
  if (kind === 'conflict') return 'repeat'
  if (kind === 'refused_data') return 'halve'
  // In the mode `skip` it was met by something else than an event's row: each event is to wait
  // apart then, so that the others of the batch go on.
  if (kind === 'lock_timeout') return 'wait_over'
  return kind === 'unavailable' && stage === 'work' ? 'repeat' : 'none'
}

async function halve(run: Run, orders: readonly Order[], mode: LockMode): Promise<OrderResult[]> {
  const middle = Math.ceil(orders.length / 2)
  const first = await runSafely(run, orders.slice(0, middle), mode)
  return [...first, ...(await runSafely(run, orders.slice(middle), mode))]
}

function failAll(orders: readonly Order[], failure: TransactionFailure): OrderResult[] {
  const error = toServiceError(failure, failure)
  return orders.map(() => ({ status: 'failed', error }))
}
