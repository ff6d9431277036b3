import type { Test } from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import { askedBy } from '../helpers/commands.ts'
import { startEngine } from '../helpers/engine.ts'
import { kindOf, type Told } from '../helpers/outcomes.ts'
import { startVictim, type Victim } from '../life/victim.ts'

/** Carries a command out, somewhere. */
export type Execute = (command: Command) => Promise<Told>

/** By turns in processes that have an engine each, on the database at `url`. */
export async function executeInProcesses(t: Test, url: string, processes = 2): Promise<Execute> {
  const waiting = new Map<string, (told: Told) => void>()
  const start = (): Promise<Victim> =>
    startVictim(t, url, (key, answer) => {
      waiting.get(key)?.(answer)
    })
  const all = await Promise.all(Array.from({ length: processes }, start))
  let turn = 0
  return (command) =>
    new Promise((resolve) => {
      const key = `request ${(turn += 1)}`
      waiting.set(key, resolve)
      all[turn % all.length]?.send(askedBy(key, command))
    })
}

/** By turns in engines whose connections strike the row lock out of every statement. */
export function executeWithoutLocks(t: Test, url: string): Execute {
  const rewrite = (sql: string): string => sql.replace(/FOR UPDATE( SKIP LOCKED)?/, '')
  const engines = Array.from({ length: 4 }, () => startEngine(t, url, { rewrite }).reservations)
  let turn = 0
  return async (command) => {
    const engine = engines[(turn += 1) % engines.length]
    if (engine === undefined) throw new RangeError('there is no engine')
    return engine.execute(command)
  }
}

/** Carries all out at once; gives how many came to what, by `type: kind`. */
export async function raceOf(
  execute: Execute,
  commands: readonly Command[],
): Promise<Record<string, number>> {
  const words = await Promise.all(
    commands.map(async (command) => {
      // Without its locks an engine may break a rule that PostgreSQL still keeps.
      const kind = await execute(command).then(kindOf, () => 'failed')
      return `${command.type}: ${kind}`
    }),
  )
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}
