import type { Command } from '../domain/commands.ts'
import type { Booking } from '../domain/model.ts'
import { Occupancy, type KnownSections } from '../domain/seating/occupancy.ts'
import type { Seating } from '../domain/seating/seating.ts'
import type { LockedEvent } from './lock-and-load.ts'
import { linesOf } from './offer.ts'
import { byArrival } from './by-arrival.ts'
import { ReadBudget } from './read-budget.ts'
import type { EntryRow, Sql } from './rows.ts'
import { blockedLabels, takenLabels, type SeatsToRead } from './seat-rows.ts'
import { isSeatingAtHand, seatingOf } from './seatings.ts'
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

/** Of all events of a batch. */
export interface SeatsOfBatch {
  readonly of: ReadonlyMap<number, LoadedSeats>
  /** Events of which more would have to be read than one batch may. */
  readonly putOff: ReadonlySet<number>
}

export const NO_SEATS: SeatsOfBatch = { of: new Map(), putOff: new Set() }

/**
 * Seats of which a batch reads under its locks that they are there, or who has them: of no event once it has
 * read so many. To read a hall of 100,000, and who has it, takes some tenths of a second.
 */
const MAX_SEATS_READ = 100_000

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
): Promise<SeatsOfBatch> {
  const loaded = new Map<number, LoadedSeats>()
  const putOff = new Set<number>()
  const means = { atHand, budget: new ReadBudget(MAX_SEATS_READ) }
  for (const event of byArrival(events, commands)) {
    const { id, seating: digest } = event
    if (digest === null) continue
    const own = commands.filter((command) => 'eventId' in command && command.eventId === id)
    const others = [
      ...(fronts.get(id) ?? []).map(({ lines }) => linesOf(lines)),
      ...again.filter(({ eventId }) => eventId === id).map(({ lines }) => lines),
    ]
    const wanted = wantedSeats(
      own,
      others.flatMap((lines) => lines ?? []),
    )
    const occupancy = await occupancyOf(tx, event, digest, wanted, means)
    if (occupancy === PUT_OFF) putOff.add(id)
    if (occupancy === undefined || occupancy === PUT_OFF) continue
    const blocked = wanted?.isOfBlocks ? await blockedLabels(tx, id, wanted.labels) : new Map()
    loaded.set(id, { occupancy, blocked })
  }
  return { of: loaded, putOff }
}

const PUT_OFF = Symbol('put off')

interface Means {
  readonly atHand: SeatsAtHand
  readonly budget: ReadBudget
}

async function occupancyOf(
  tx: Sql,
  event: LockedEvent,
  digest: string,
  wanted: WantedSeats | undefined,
  { atHand, budget }: Means,
): Promise<Occupancy | typeof PUT_OFF | undefined> {
  const { id } = event
  // Taken also where nothing is wanted: what the batch changes is to be known afterwards.
  const known = atHand.take(event)
  if (wanted === undefined) return known
  // What is begun is read to its end: so the first of all is never put off.
  const mayRead = !budget.isSpent
  const isToBeRead = known === undefined && !isSeatingAtHand(digest)
  if (isToBeRead && !mayRead) return PUT_OFF
  const seating = known?.seating ?? (await seatingOf(tx, id, digest))
  if (seating === null) return undefined
  if (isToBeRead) budget.spend(seating.count)
  const occupancy = known ?? new Occupancy(seating, [], new Set())
  const missing = missingIn(occupancy, wanted)
  const seats = seatsIn(seating, missing.sections)
  if (seats > 0 && !mayRead) {
    if (known !== undefined) atHand.putBack(event, known)
    return PUT_OFF
  }
  budget.spend(seats)
  occupancy.learn(await takenLabels(tx, id, missing), missing.sections)
  return occupancy
}

/** What is wanted, and not known. */
function missingIn(occupancy: Occupancy, { labels, sections }: WantedSeats): SeatsToRead {
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

function seatsIn({ count, sections }: Seating, keys: KnownSections): number {
  if (keys === 'all') return count
  const rows = sections.filter(({ key }) => keys.has(key)).flatMap((section) => section.rows)
  return rows.reduce((sum, { names }) => sum + names.count, 0)
}
