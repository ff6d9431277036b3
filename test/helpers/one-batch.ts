import type { Command } from '../../src/domain/commands.ts'
import { runBatch } from '../../src/engine/batch.ts'
import type { PrismaClient } from '../../src/generated/prisma/client.ts'
import { SeatsAtHand } from '../../src/store/seats-at-hand.ts'
import { testConfig } from './app.ts'
import { kindOf, type Told } from './outcomes.ts'

/**
 * Carries commands out in one transaction, and gives in a word what each came to: `later` where it was put
 * off. An engine would try commands apart that fail together, and hide that they do.
 *
 * @throws TransactionFailure
 */
export async function inOneBatch(
  prisma: PrismaClient,
  url: string,
  commands: readonly Command[],
): Promise<(ReturnType<typeof kindOf> | 'later')[]> {
  const { database, groupCommit } = testConfig(url)
  const bounds = { ...database, maxSettledPerBatch: groupCommit.maxSettledPerBatch }
  const context = { prisma, bounds, seatsAtHand: new SeatsAtHand() }
  const submissions = commands.map((command) => ({ command, idempotency: null }))
  const { results } = await runBatch(context, submissions, 'wait', () => [])
  return results.map((result) => (result.status === 'done' ? kindOf(told(result.value)) : 'later'))
}

function told(value: Told): Told {
  return value
}
