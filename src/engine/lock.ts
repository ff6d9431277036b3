import type { Prisma } from '../generated/prisma/client.ts'
import { eventIdOf, type Command } from '../domain/commands.ts'
import {
  allowLockWait,
  existingEvents,
  lockAndLoad,
  type Loaded,
  type LockMode,
} from '../store/lock-and-load.ts'
import type { Submission } from './submission.ts'

/** A batch whose events are locked. */
export interface LockedBatch {
  readonly loaded: Loaded
  /** All of the batch: what it began with, and what has come along while it waited for locks. */
  readonly submissions: readonly Submission[]
  /** Those of it whose events no other session holds locked. */
  readonly free: readonly Submission[]
}

/**
 * Locks the events of a batch, and loads what plain reservations turn on.
 *
 * @param more - what has come for these events since: it goes along where locks were waited for
 */
export async function lockBatch(
  tx: Prisma.TransactionClient,
  given: readonly Submission[],
  mode: LockMode,
  lockTimeoutMs: number,
  more: () => readonly Submission[],
): Promise<LockedBatch> {
  const asked = new Set(given.flatMap(({ command }) => eventIdOf(command) ?? []))
  if (mode === 'wait') await allowLockWait(tx, lockTimeoutMs)
  // Whoever held a lock that was waited for has changed things: what is read then is stale.
  const first = mode === 'wait' ? [] : commandsOf(given)
  const loaded = await lockAndLoad(tx, [...asked], first, mode)
  const locked = new Set(loaded.events.map(({ id }) => id))
  const passedOver = [...asked].filter((id) => !locked.has(id))
  const busy = mode === 'skip' ? await existingEvents(tx, passedOver) : new Set<number>()
  const isToRepeat = mode === 'wait' || loaded.isStale
  const submissions = isToRepeat ? [...given, ...more()] : given
  const isFree = ({ command }: Submission): boolean => {
    const eventId = eventIdOf(command)
    return eventId === null || (asked.has(eventId) && !busy.has(eventId))
  }
  return {
    loaded: isToRepeat ? await lockAndLoad(tx, [...locked], commandsOf(submissions), mode) : loaded,
    submissions,
    free: submissions.filter(isFree),
  }
}

export function commandsOf(submissions: readonly Submission[]): Command[] {
  return submissions.map(({ command }) => command)
}
