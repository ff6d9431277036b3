import type { Command } from './commands.ts'
import type { Outcome, Refused, Success } from './outcomes.ts'

/** The kinds of success that each command can have. */
const SUCCESSES = {
  reserve: ['booking', 'waiting'],
  confirm: ['booking'],
  extend: ['booking'],
  cancel: ['done'],
  cancel_of_user: ['done'],
  resize: ['booking'],
  leave_waitlist: ['done'],
  create_event: ['event'],
  change_event: ['event'],
  delete_event: ['done'],
  set_seating: ['seating'],
  remove_seating: ['done'],
  block_seats: ['done'],
  unblock_seats: ['done'],
  settle: ['done'],
} as const satisfies Record<Command['type'], readonly Success['kind'][]>

/** All that can be asked. */
export const COMMAND_TYPES = Object.keys(SUCCESSES).filter(isCommandType)

function isCommandType(name: string): name is Command['type'] {
  return Object.hasOwn(SUCCESSES, name)
}

type SuccessKindOf<C extends Command> = (typeof SUCCESSES)[C['type']][number]

export type SuccessOf<C extends Command> = Extract<Success, { kind: SuccessKindOf<C> }>

/** What can come of a command. */
export type OutcomeOf<C extends Command> = SuccessOf<C> | Refused

/** Whether an outcome is one that the command can have. */
export function isOutcomeOf<C extends Command>(
  command: C,
  outcome: Outcome,
): outcome is OutcomeOf<C> {
  const kinds: readonly string[] = SUCCESSES[command.type]
  return outcome.kind === 'refused' || kinds.includes(outcome.kind)
}
