import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Command } from '../domain/commands.ts'
import type { ReserveCommand } from '../domain/commands/bookings.ts'
import type { Outcome, Refused } from '../domain/outcomes.ts'
import type { BatchResult } from './group-commit.ts'
import { Newest } from './newest.ts'
import { retryRead } from './retry-read.ts'
import { askedKey } from '../store/asked.ts'
import { provableRefusals } from '../store/refusals.ts'
import { isProvable } from '../store/refusals-by-rules.ts'

/** Events that are remembered as refusing, at the most; the oldest is forgotten first. */
const MAX_EVENTS = 10_000

/**
 * Remembers which events turn commands away, and answers such commands by a plain read, without
 * a transaction or a lock.
 *
 * Why that is correct: the read sees one committed state of the database, of an instant after the
 * command arrived and before it is answered. At that instant the command would have been refused,
 * and a refusal changes nothing; so the answer is the one of a command that was decided right
 * then, under the lock. Only refusals can be given so. What the read does not refuse is decided
 * under the lock like everything else, since only there the state cannot change any more.
 */
export class RefusalScreen {
  /** By tenant too: what an event refuses one says nothing of another. */
  readonly #events = new Newest<string, true>(MAX_EVENTS)
  readonly #prisma: PrismaClient

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma
  }

  /**
   * Whether a command is worth screening first: the event has refused one lately. Those that may
   * join the line are decided under the lock at once.
   */
  isWorthAsking(command: Command): command is ReserveCommand {
    if (command.type !== 'reserve' || command.waitlist) return false
    return this.#events.has(keyOf(command))
  }

  /** Learns from an outcome that was decided under the lock. */
  learn(command: Command, outcome: Outcome): void {
    if (command.type !== 'reserve' || outcome.kind !== 'refused') return
    // Ids that are made up would push out the events that are there.
    if (outcome.refusal === 'event_not_found' || !isProvable(outcome)) return
    // It is the newest again: those that refuse all the time must not be forgotten for their age.
    this.#events.set(keyOf(command), true)
  }

  /** Answers what a plain read proves; undefined for the commands that it does not refuse. */
  async run(commands: readonly ReserveCommand[]): Promise<BatchResult<Refused | undefined>[]> {
    const refusals = await retryRead(() => provableRefusals(this.#prisma, commands))
    this.#forgetGenerous(commands, refusals)
    return refusals.map((value) => ({ status: 'done', value }))
  }

  /** An event that refuses nobody any more need not be asked first. */
  #forgetGenerous(
    commands: readonly ReserveCommand[],
    refusals: readonly (Refused | undefined)[],
  ): void {
    const refusing = new Set(commands.filter((_, i) => refusals[i] !== undefined).map(keyOf))
    for (const key of commands.map(keyOf)) {
      if (!refusing.has(key)) this.#events.delete(key)
    }
  }
}

function keyOf({ eventId: id, origin: { tenantId } }: ReserveCommand): string {
  return askedKey({ id, tenantId })
}
