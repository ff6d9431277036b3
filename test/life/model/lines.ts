import { poolOf, rowsOf } from './hall.ts'
import { asksForSeats, labelsIn } from './seats.ts'
import { isFrom, refused, type ModelRefused } from './outcomes.ts'
import {
  DEFAULT,
  type ModelBooking,
  type ModelEvent,
  type ModelLine,
  type ModelType,
  type Settings,
  type Wish,
} from './types.ts'

const PLAIN: ModelType = {
  ...{ key: DEFAULT, pools: [], maxPerBooking: null },
  ...{ salesStartAt: null, salesEndAt: null },
}

/** Lines that are of the default type alone, and have no numbers, are one. */
export function plain(lines: readonly ModelLine[]): readonly ModelLine[] {
  const isPlain = lines.every(
    (line) => line.type === DEFAULT && line.pools.length === 0 && !asksForSeats(line),
  )
  return isPlain ? [{ type: DEFAULT, seats: seatsIn(lines), pools: [] }] : lines
}

export function seatsIn(lines: readonly { readonly seats: number }[]): number {
  return lines.reduce((sum, { seats }) => sum + seats, 0)
}

/** What a wish comes to at an event. @param before - the booking that is to change */
export function linesOf(
  { types }: Settings,
  { seats, lines }: Wish,
  before?: ModelBooking,
): readonly ModelLine[] | ModelRefused {
  const sold = types.length === 0 ? [PLAIN] : types
  const keys = before === undefined ? sold.map(({ key }) => key) : keysOf(before)
  const [only, ...others] = keys
  if (lines === null && (only === undefined || others.length > 0)) return refused('lines_required')
  const wanted = lines ?? [{ type: only ?? '', seats }]
  const made: ModelLine[] = []
  for (const [line, asked] of wanted.entries()) {
    const isOfIt = ({ type }: ModelLine): boolean => type === asked.type
    const pools =
      sold.find(({ key }) => key === asked.type)?.pools ?? before?.lines.findLast(isOfIt)?.pools
    if (pools === undefined) {
      return refused('unknown_ticket_type', undefined, { line, key: asked.type })
    }
    made.push({ ...asked, pools })
  }
  return plain(made)
}

/** A number of seats does not tell which of several types, or which numbers, are meant. */
function keysOf({ lines }: ModelBooking): string[] {
  return labelsIn(lines).length > 0 ? [] : lines.map(({ type }) => type)
}

/** What is wrong with labels and sections, whoever has the seats. */
export function refusalOfLabels(
  event: ModelEvent,
  lines: readonly ModelLine[],
  before?: ModelBooking,
): ModelRefused | undefined {
  const asking = lines.findIndex(asksForSeats)
  if (asking === -1) return undefined
  if (event.seating === null) {
    return refused('labels_invalid', undefined, { line: asking, flaw: 'no_seating' })
  }
  const own = labelsIn(before?.lines ?? [])
  const named: string[] = []
  for (const [line, { labels, seats, pools }] of lines.entries()) {
    if (labels === undefined) continue
    const wrong = flawIn(event, { labels, seats, pools }, own, named)
    if (wrong !== undefined) return refused('labels_invalid', undefined, { line, ...wrong })
    named.push(...labels)
  }
  for (const [line, { best, pools }] of lines.entries()) {
    const key = best?.section ?? null
    const row = rowsOf(event).find(({ section }) => section === key)
    if (key === null) continue
    if (row === undefined) return refused('unknown_section', undefined, { line, key })
    const { pool } = row
    if (pool === null || pools.includes(pool)) continue
    return refused('unknown_section', undefined, { line, key, pool })
  }
  return undefined
}

/** The first kind of flaw in the labels of a line, with all labels that have it. */
function flawIn(
  event: ModelEvent,
  { labels, seats, pools }: { labels: readonly string[]; seats: number; pools: readonly string[] },
  own: readonly string[],
  named: readonly string[],
): object | undefined {
  if (labels.length !== seats) return { flaw: 'label_count', labels: [] }
  const flaws = labels.map((label, place) => {
    const pool = poolOf(event, label)
    if (pool === undefined) return 'labels_unknown'
    if ([...named, ...labels.slice(0, place)].includes(label)) return 'labels_repeated'
    return pool === null || pools.includes(pool) || own.includes(label)
      ? ''
      : 'labels_of_other_pools'
  })
  const flaw = flaws.find((each) => each !== '')
  return flaw === undefined
    ? undefined
    : { flaw, labels: labels.filter((_, i) => flaws[i] === flaw) }
}

/** What the types themselves say, where there is to be more of them than before. */
export function refusalByTypes(
  { settings, now }: ModelEvent,
  lines: readonly ModelLine[],
  before: readonly ModelLine[] = [],
): ModelRefused | undefined {
  for (const [line, { type: key }] of lines.entries()) {
    const sold = settings.types.length === 0 ? [PLAIN] : settings.types
    const type = sold.find((each) => each.key === key)
    const isOfIt = (each: ModelLine): boolean => each.type === key
    const seats = seatsIn(lines.filter(isOfIt))
    if (seats <= seatsIn(before.filter(isOfIt))) continue
    if (type === undefined) return refused('sales_closed', undefined, { line, key })
    // A type that several lines have is told by the first of them.
    if (type.maxPerBooking !== null && seats > type.maxPerBooking) {
      return refused('too_many_seats', type.maxPerBooking, { line, key })
    }
    const closed = closedBy(type, now)
    if (closed !== undefined) return refused(closed, undefined, { line, key })
  }
  return undefined
}

/** What a sales window says. */
export function closedBy(
  { salesStartAt, salesEndAt }: Pick<ModelType, 'salesStartAt' | 'salesEndAt'>,
  now: number,
): 'sales_not_open' | 'sales_closed' | undefined {
  if (salesStartAt !== null && now < salesStartAt) return 'sales_not_open'
  return isFrom(salesEndAt, now) ? 'sales_closed' : undefined
}
