import type { Command } from '../domain/commands.ts'
import { refuse, type Refusal } from '../domain/outcomes.ts'
import { isOutcomeOf, type OutcomeOf } from '../domain/successes.ts'
import type { IdempotentRequest, StoredSuccess } from '../store/idempotency.ts'
import { replay } from './idempotent.ts'
import type { Executed } from './submission.ts'

/**
 * What comes of a command whose subject is not there any more. It may be gone because this very
 * request has been carried out: then, under its key, it is answered as it was then.
 *
 * @param storedUnder - reads what was committed under a key, after the subject was found missing:
 *   what removed it has stored its outcome in the same commit
 */
export async function recall<C extends Command>(
  command: C,
  idempotency: IdempotentRequest | null,
  storedUnder: (key: string) => Promise<StoredSuccess | null>,
  why: () => Promise<Refusal>,
): Promise<Executed<OutcomeOf<C>>> {
  if (idempotency !== null) {
    const stored = await storedUnder(idempotency.key)
    if (stored !== null) {
      const { outcome, isReplayed } = replay(idempotency, stored)
      if (isOutcomeOf(command, outcome)) return { outcome, isReplayed }
    }
  }
  return { outcome: refuse(await why()), isReplayed: false }
}
