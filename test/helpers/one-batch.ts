import type { Test } from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import { runBatch } from '../../src/engine/batch.ts'
import type { FactType } from '../../src/domain/facts.ts'
import { SeatsAtHand } from '../../src/store/seats-at-hand.ts'
import { testConfig } from './app.ts'
import { startEngine } from './engine.ts'
import { kindOf } from './outcomes.ts'

/** A command, and the idempotency key that its request has. */
export type Keyed = readonly [command: Command, key?: string]

export interface BatchTold {
  /** What came of each command, or why it was not decided. */
  readonly words: readonly string[]
  readonly facts: readonly FactType[]
}

/** Decides commands in one transaction, all of them: where that fails it is not tried in parts. */
export type RunOne = (...commands: readonly Keyed[]) => Promise<BatchTold>

/** @param url - of the database */
export function startBatches(t: Test, url: string): RunOne {
  const { prisma } = startEngine(t, url)
  const { database, groupCommit } = testConfig(url)
  const bounds = { ...database, ...groupCommit }
  const context = { prisma, bounds, seatsAtHand: new SeatsAtHand() }
  return async (...commands) => {
    const submissions = commands.map(([command, key]) => ({
      command,
      idempotency: key === undefined ? null : { key, fingerprint: 'fingerprint' },
    }))
    const { results, facts } = await runBatch(context, submissions, 'skip', () => [])
    const words = results.map((result) =>
      result.status === 'done' ? kindOf(result.value) : result.status,
    )
    return { words, facts: facts.map(({ type }) => type) }
  }
}
