import type { AskedLine, Command } from '../domain/commands.ts'
import type { Booking, Line } from '../domain/model.ts'
import { Occupancy } from '../domain/seating/occupancy.ts'
import type { Seating } from '../domain/seating/seating.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { LockedEvent } from './lock-and-load.ts'
import { linesOf } from './offer.ts'
import type { EntryRow, Sql } from './rows.ts'
import { seatingOf } from './seatings.ts'

/** What is loaded of an event's numbered seats. */
export interface LoadedSeats {
  readonly occupancy: Occupancy
  /** Those of the labels that commands name, with the pools that they are blocked of. */
  readonly blocked: ReadonlyMap<string, string | null>
}

/** What the commands, and those who wait, turn on of an event's seats. */
interface Wanted {
  readonly labels: Set<string>
  /** Sections of which all seats matter. */
  readonly sections: Set<string>
  /** Whether all seats matter. */
  isAll: boolean
  /** Whether it matters what is blocked. */
  isOfBlocks: boolean
}

/** Who turns on seats beside the commands. */
interface Beside {
  readonly fronts: ReadonlyMap<number, readonly EntryRow[]>
  readonly again: readonly Booking[]
}

const NOBODY: Beside = { fronts: new Map(), again: [] }

/**
 * Reads who has the seats that commands turn on, of events that have numbers; of others nothing is read.
 *
 * @param fronts - those who wait and may be served, by event
 * @param again - bookings whose seats are to be taken again
 */
export async function loadSeats(
  tx: Sql,
  events: readonly LockedEvent[],
  commands: readonly Command[],
  { fronts, again }: Beside = NOBODY,
): Promise<Map<number, LoadedSeats>> {
  const loaded = new Map<number, LoadedSeats>()
  for (const { id, seating: digest } of events) {
    if (digest === null) continue
    const own = commands.filter((command) => 'eventId' in command && command.eventId === id)
    const others = [
      ...(fronts.get(id) ?? []).map(({ lines }) => linesOf(lines)),
      ...again.filter(({ eventId }) => eventId === id).map(({ lines }) => lines),
    ]
    const wanted = wantedOf(
      own,
      others.flatMap((lines) => lines ?? []),
    )
    if (wanted === undefined) continue
    const seating = await seatingOf(tx, id, digest)
    if (seating === null) continue
    const occupancy = new Occupancy(seating, await takenLabels(tx, id, wanted, seating))
    const blocked = wanted.isOfBlocks ? await blockedLabels(tx, id, wanted.labels) : new Map()
    loaded.set(id, { occupancy, blocked })
  }
  return loaded
}

/** Whether a command turns on numbered seats. */
export function turnsOnSeats(command: Command): boolean {
  switch (command.type) {
    case 'reserve':
    case 'resize':
      return (command.lines ?? []).some(asksForSeats)
    case 'set_seating':
    case 'block_seats':
    case 'unblock_seats':
      return true
    case 'change_event':
      return command.changes.pools !== undefined
    default:
      return false
  }
}

function asksForSeats({ labels, bestAvailable }: AskedLine | Line): boolean {
  return labels !== undefined || bestAvailable !== undefined
}

/** @param others - lines that no command asks for */
function wantedOf(own: readonly Command[], others: readonly Line[]): Wanted | undefined {
  const wanted: Wanted = {
    labels: new Set(),
    sections: new Set(),
    isAll: false,
    isOfBlocks: false,
  }
  const numbered = others.filter(asksForSeats)
  if (numbered.length === 0 && !own.some(turnsOnSeats)) return undefined
  addLines(wanted, numbered)
  for (const command of own) addCommand(wanted, command)
  return wanted
}

function addCommand(wanted: Wanted, command: Command): void {
  if (command.type === 'set_seating') wanted.isAll = true
  else if (command.type === 'block_seats' || command.type === 'unblock_seats') {
    wanted.isOfBlocks = true
    for (const label of command.labels) wanted.labels.add(label)
  } else if (command.type === 'reserve' || command.type === 'resize') {
    addLines(wanted, command.lines ?? [])
  }
}

function addLines(wanted: Wanted, lines: readonly (AskedLine | Line)[]): void {
  for (const { labels = [], bestAvailable } of lines) {
    for (const label of labels) wanted.labels.add(label)
    if (bestAvailable === undefined) continue
    if (bestAvailable.section === null) wanted.isAll = true
    else wanted.sections.add(bestAvailable.section)
  }
}

/** Those of the seats that somebody has, or that are blocked. */
async function takenLabels(
  tx: Sql,
  eventId: number,
  { isAll, labels, sections }: Wanted,
  seating: Seating,
): Promise<string[]> {
  const ranges = isAll ? [Prisma.sql`true`] : [...sections].map(isOfSection)
  if (!isAll && labels.size > 0) ranges.push(isAmong(labels, seating))
  if (ranges.length === 0) return []
  // One text: as rows, they would cost more on the way than all else.
  const [row] = await tx.$queryRaw<[{ labels: string }]>`
    SELECT COALESCE(json_agg(label), '[]')::text AS labels FROM taken_seats
    WHERE event_id = ${eventId}::int AND (${Prisma.join(ranges, ' OR ')})`
  return JSON.parse(row.labels) as string[]
}

/** No key of a section has a hyphen in it, and in the order of the index `.` follows on `-`. */
function isOfSection(key: string): Prisma.Sql {
  return Prisma.sql`(label >= ${`${key}-`}::text AND label < ${`${key}.`}::text)`
}

function isAmong(labels: ReadonlySet<string>, seating: Seating): Prisma.Sql {
  const known = [...labels].filter((label) => seating.seatAt(label) !== undefined)
  return Prisma.sql`label = ANY (ARRAY(
    SELECT json_array_elements_text((SELECT ${JSON.stringify(known)}::text::json))))`
}

async function blockedLabels(
  tx: Sql,
  eventId: number,
  labels: ReadonlySet<string>,
): Promise<Map<string, string | null>> {
  const rows = await tx.$queryRaw<{ label: string; pool: string | null }[]>`
    SELECT label, pool FROM blocked_seats
    WHERE event_id = ${eventId}::int AND label = ANY (ARRAY(
      SELECT json_array_elements_text((SELECT ${JSON.stringify([...labels])}::text::json))))`
  return new Map(rows.map(({ label, pool }) => [label, pool]))
}
