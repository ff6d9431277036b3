import type { Command } from '../domain/commands.ts'
import type { Booking } from '../domain/model.ts'
import { Occupancy, type KnownSections } from '../domain/seating/occupancy.ts'
import type { Seating } from '../domain/seating/seating.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { LockedEvent } from './lock-and-load.ts'
import { linesOf } from './offer.ts'
import type { EntryRow, Sql } from './rows.ts'
import { seatingOf } from './seatings.ts'
import type { SeatsAtHand } from './seats-at-hand.ts'
import { wantedSeats, type WantedSeats } from './wanted-seats.ts'

/** What is loaded of an event's numbered seats. */
export interface LoadedSeats {
  readonly occupancy: Occupancy
  /** Those of the labels that commands name, with the pools that they are blocked of. */
  readonly blocked: ReadonlyMap<string, string | null>
}

/** Who turns on seats beside the commands. */
interface Beside {
  readonly fronts: ReadonlyMap<number, readonly EntryRow[]>
  readonly again: readonly Booking[]
}

const NOBODY: Beside = { fronts: new Map(), again: [] }

/**
 * Reads who has the seats that commands turn on, of events that have numbers, as far as that is not at
 * hand; of others nothing is read.
 *
 * @param fronts - those who wait and may be served, by event
 * @param again - bookings whose seats are to be taken again
 */
export async function loadSeats(
  tx: Sql,
  events: readonly LockedEvent[],
  commands: readonly Command[],
  atHand: SeatsAtHand,
  { fronts, again }: Beside = NOBODY,
): Promise<Map<number, LoadedSeats>> {
  const loaded = new Map<number, LoadedSeats>()
  for (const event of events) {
    const { id } = event
    const own = commands.filter((command) => 'eventId' in command && command.eventId === id)
    const others = [
      ...(fronts.get(id) ?? []).map(({ lines }) => linesOf(lines)),
      ...again.filter(({ eventId }) => eventId === id).map(({ lines }) => lines),
    ]
    const wanted = wantedSeats(
      own,
      others.flatMap((lines) => lines ?? []),
    )
    // Taken also where nothing is wanted: what the batch changes is to be known afterwards.
    const known = atHand.take(event)
    const occupancy = wanted === undefined ? known : await occupancyOf(tx, event, wanted, known)
    if (occupancy === undefined) continue
    const blocked = wanted?.isOfBlocks ? await blockedLabels(tx, id, wanted.labels) : new Map()
    loaded.set(id, { occupancy, blocked })
  }
  return loaded
}

async function occupancyOf(
  tx: Sql,
  { id, seating: digest }: LockedEvent,
  wanted: WantedSeats,
  known: Occupancy | undefined,
): Promise<Occupancy | undefined> {
  if (digest === null) return undefined
  const seating = known?.seating ?? (await seatingOf(tx, id, digest))
  if (seating === null) return undefined
  const occupancy = known ?? new Occupancy(seating, [], new Set())
  const missing = missingIn(occupancy, wanted)
  occupancy.learn(await takenLabels(tx, id, missing), missing.sections)
  return occupancy
}

interface Missing {
  readonly sections: KnownSections
  readonly labels: readonly string[]
}

/** What is wanted, and not known. */
function missingIn(occupancy: Occupancy, { labels, sections }: WantedSeats): Missing {
  const { seating } = occupancy
  const isKnown = (key: string): boolean => occupancy.knows(new Set([key]))
  return {
    sections: occupancy.knows(sections) ? new Set() : existing(sections, seating, isKnown),
    labels: [...labels].filter((label) => {
      const seat = seating.seatAt(label)
      return seat !== undefined && !isKnown(seating.sectionOf(seat).key)
    }),
  }
}

function existing(
  keys: KnownSections,
  { sections }: Seating,
  isKnown: (key: string) => boolean,
): KnownSections {
  if (keys === 'all') return 'all'
  return new Set(sections.map(({ key }) => key).filter((key) => keys.has(key) && !isKnown(key)))
}

/** Those of the seats that somebody has, or that are blocked. */
async function takenLabels(
  tx: Sql,
  eventId: number,
  { labels, sections }: Missing,
): Promise<string[]> {
  const ranges = sections === 'all' ? [Prisma.sql`true`] : [...sections].map(isOfSection)
  if (sections !== 'all' && labels.length > 0) ranges.push(isAmong(labels))
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

function isAmong(labels: readonly string[]): Prisma.Sql {
  return Prisma.sql`label = ANY (ARRAY(
    SELECT json_array_elements_text((SELECT ${JSON.stringify(labels)}::text::json))))`
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
