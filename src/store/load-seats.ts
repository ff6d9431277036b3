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
import { union, wantedSeats, type WantedSeats } from './wanted-seats.ts'

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
  const sections = existing(wanted.sections, seating)
  if (known?.knows(union(sections, sectionsOf(wanted.labels, seating))) === true) return known
  const all = union(sections, known?.known ?? new Set())
  return new Occupancy(
    seating,
    await takenLabels(tx, id, { ...wanted, sections: all }, seating),
    all,
  )
}

function existing(keys: KnownSections, { sections }: Seating): KnownSections {
  if (keys === 'all') return 'all'
  return new Set(sections.map(({ key }) => key).filter((key) => keys.has(key)))
}

function sectionsOf(labels: ReadonlySet<string>, seating: Seating): ReadonlySet<string> {
  const seats = [...labels].flatMap((label) => seating.seatAt(label) ?? [])
  return new Set(seats.map((seat) => seating.sectionOf(seat).key))
}

/** Those of the seats that somebody has, or that are blocked. */
async function takenLabels(
  tx: Sql,
  eventId: number,
  { labels, sections }: WantedSeats,
  seating: Seating,
): Promise<string[]> {
  const ranges = sections === 'all' ? [Prisma.sql`true`] : [...sections].map(isOfSection)
  if (sections !== 'all' && labels.size > 0) ranges.push(isAmong(labels, seating))
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
