import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Command } from '../domain/commands.ts'
import { decide } from '../domain/decide.ts'
import type { LockMode } from './group-commit.ts'
import {
  answerDuplicates,
  done,
  remember,
  replayKnown,
  type Order,
  type OrderResult,
} from './orders.ts'
import {
  allowLockWait,
  completeState,
  existingEvents,
  lockAndLoad,
} from '../store/lock-and-load.ts'
import { writeChanges } from '../store/write.ts'
import { inTransaction, type TransactionBounds } from './transaction.ts'

/**
 * Carries out a batch of commands in one transaction: lock and load, decide, write, commit. When it
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
): Promise<OrderResult[]> {
  return inTransaction(prisma, bounds, async (tx) => {
    const asked = new Set(given.map(({ command }) => command.eventId))
    if (mode === 'wait') await allowLockWait(tx, bounds.lockTimeoutMs)
    // Whoever held a lock that was waited for has changed things: what is read then is stale.
    const first = mode === 'wait' ? [] : commandsOf(given)
    let loaded = await lockAndLoad(tx, [...asked], first, mode)
    const had = new Set(loaded.events.map(({ id }) => id))
    const notHad = [...asked].filter((id) => !had.has(id))
    const locked = mode === 'skip' ? await existingEvents(tx, notHad) : new Set<number>()
    // What has come for these events while the locks were waited for goes along.
    const isToRepeat = mode === 'wait' || loaded.isStale
    const orders = isToRepeat ? [...given, ...more()] : given
    if (isToRepeat) loaded = await lockAndLoad(tx, [...had], commandsOf(orders), mode)
    const free = orders.filter(
      ({ command: { eventId } }) => asked.has(eventId) && !locked.has(eventId),
    )
    const results = new Map<Order, OrderResult>(
      orders.map((order) => [order, { status: 'locked' }]),
    )
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

function commandsOf(orders: readonly Order[]): Command[] {
  return orders.map(({ command }) => command)
}
