import type { Command } from '../../src/domain/commands.ts'
import type { SeatingDocument } from '../../src/domain/seating/document.ts'
import { Seating } from '../../src/domain/seating/seating.ts'

// Commands on their way from process to process: all of them are plain data but for a seating.

export function commandToJson(command: Command): string {
  if (command.type !== 'set_seating') return JSON.stringify(command)
  return JSON.stringify({ ...command, seating: command.seating.document })
}

export function commandFromJson(text: string): Command {
  const parsed = JSON.parse(text) as Exclude<Command, { type: 'set_seating' }> | Numbering
  if (parsed.type !== 'set_seating') return parsed
  return { ...parsed, seating: new Seating(parsed.seating) }
}

type Numbering = Omit<Extract<Command, { type: 'set_seating' }>, 'seating'> & {
  readonly seating: SeatingDocument
}
