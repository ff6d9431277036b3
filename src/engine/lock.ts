import type { Prisma } from '../generated/prisma/client.ts'
import { askedEventOf, type Command } from '../domain/commands.ts'
import { askedKey, type Asked } from '../store/asked.ts'
import { existingEvents, lockAndLoad, type Loaded } from '../store/lock-and-load.ts'
import { lockKeys } from '../store/idempotency.ts'
import { waitForLocks } from '../store/wait-for-locks.ts'
import type { LockMode } from './group-commit.ts'
import { keysOf, keysWithoutEvent } from './idempotent.ts'
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
 * @param more - what has come for these events since: it goes along where locks were waited for. It
 *   has no commands without an event: their keys are locked before any event is
 */
export async function lockBatch(
  tx: Prisma.TransactionClient,
  given: readonly Submission[],
  mode: LockMode,
  lockTimeoutMs: number,
  more: () => readonly Submission[],
): Promise<LockedBatch> {
  const asked = askedEvents(given)
  // Before anything is looked up under the keys: that then sees what earlier holders have stored.
  await lockKeys(tx, keysWithoutEvent(given), mode === 'wait' ? lockTimeoutMs : null)
  if (mode === 'wait') {
    // Whoever held a lock that was waited for has changed things: nothing is read until it is there.
    const locked = await waitForLocks(tx, asked, lockTimeoutMs)
    return loadLocked(tx, locked, given, more())
  }
  const loaded = await lockAndLoad(tx, asked, commandsOf(given), keysOf(given))
  const locked = loaded.events.map(({ id, tenant_id: tenantId }) => ({ id, tenantId }))
  const lockedKeys = new Set(locked.map(askedKey))
  const passedOver = asked.filter((event) => !lockedKeys.has(askedKey(event)))
  const busy = await existingEvents(tx, passedOver)
  const isFree = ({ command }: Submission): boolean => {
    const event = askedEventOf(command)
    return event === undefined || !busy.has(askedKey(event))
  }
  // Who deleted an event may have done so since the statement began, and under one of these keys.
  const isGoneUnderKeys = busy.size < passedOver.length && keysOf(given).length > 0
  if (!loaded.isStale && !isGoneUnderKeys) {
    return { loaded, submissions: given, free: given.filter(isFree) }
  }
  const batch = await loadLocked(tx, locked, given, more())
  return { ...batch, free: batch.submissions.filter(isFree) }
}

/** Loads what is locked already, with what has come along meanwhile. */
async function loadLocked(
  tx: Prisma.TransactionClient,
  events: readonly Asked[],
  given: readonly Submission[],
  more: readonly Submission[],
): Promise<LockedBatch> {
  const submissions = [...given, ...more]
  const commands = commandsOf(submissions)
  const loaded = await lockAndLoad(tx, events, commands, keysOf(submissions))
  return { loaded, submissions, free: submissions }
}

/** The events that are asked for, each once. */
function askedEvents(submissions: readonly Submission[]): Asked[] {
  const events = submissions.flatMap(({ command }) => askedEventOf(command) ?? [])
  return [...new Map(events.map((event) => [askedKey(event), event])).values()]
}

export function commandsOf(submissions: readonly Submission[]): Command[] {
  return submissions.map(({ command }) => command)
}
