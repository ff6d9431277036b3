import { asksForSeats } from '../domain/claim.ts'
import type { Command } from '../domain/commands.ts'
import type { AskedLine } from '../domain/commands/bookings.ts'
import type { Line } from '../domain/model.ts'
import { unionOf, type KnownSections } from '../domain/seating/occupancy.ts'

/** What the commands, and those who wait, turn on of an event's seats. */
export interface WantedSeats {
  readonly labels: Set<string>
  /** Sections of which all seats matter. */
  sections: KnownSections
  /** Whether it matters what is blocked. */
  isOfBlocks: boolean
}

/** Whether a command turns on numbered seats. */
export function turnsOnSeats(command: Command): boolean {
  switch (command.type) {
    case 'reserve':
    case 'resize':
      return (command.lines ?? []).some(asksForSeats)
    case 'set_seating':
    case 'remove_seating':
    case 'block_seats':
    case 'unblock_seats':
      return true
    case 'change_event':
      return command.changes.pools !== undefined
    default:
      return false
  }
}

/**
 * What is to be read; undefined where that is nothing.
 *
 * @param others - lines that no command asks for
 */
export function wantedSeats(
  own: readonly Command[],
  others: readonly Line[],
): WantedSeats | undefined {
  const wanted: WantedSeats = { labels: new Set(), sections: new Set(), isOfBlocks: false }
  const numbered = others.filter(asksForSeats)
  if (numbered.length === 0 && !own.some(turnsOnSeats)) return undefined
  addLines(wanted, numbered)
  for (const command of own) addCommand(wanted, command)
  return wanted
}

function addCommand(wanted: WantedSeats, command: Command): void {
  if (command.type === 'set_seating' || command.type === 'remove_seating') wanted.sections = 'all'
  else if (command.type === 'block_seats' || command.type === 'unblock_seats') {
    wanted.isOfBlocks = true
    for (const label of command.labels) wanted.labels.add(label)
  } else if (command.type === 'reserve' || command.type === 'resize') {
    addLines(wanted, command.lines ?? [])
  }
}

function addLines(wanted: WantedSeats, lines: readonly (AskedLine | Line)[]): void {
  for (const { labels = [], bestAvailable } of lines) {
    for (const label of labels) wanted.labels.add(label)
    if (bestAvailable === undefined) continue
    const { section } = bestAvailable
    wanted.sections = unionOf(wanted.sections, section === null ? 'all' : new Set([section]))
  }
}
