import { MAX_WAITING_KINDS } from '../domain/policy.ts'
import { kindOf, type Claim } from '../domain/claim.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { linesOf } from './offer.ts'
import { servedOf, type Room } from './room.ts'
import { arrayOf, groupByEvent, type EntryRow, type Sql } from './rows.ts'
import { pieceOfLike, shareOf } from './settled-piece.ts'

/** What is loaded of a waitlist of which entries are told apart by what they wait for. */
export interface LoadedKinds {
  /** The first of each kind, all in the order of the line. */
  readonly front: readonly EntryRow[]
  /** Of kinds that have more entries, by `kindOf`, the last that was loaded. */
  readonly loadedUpTo: ReadonlyMap<string, number>
}

/** As the index `waitlist_entries_kinds_idx` has it: see domain/waiting-kinds.ts. */
const CLAIM = Prisma.sql`public.claim_of(lines) COLLATE "C"`

/**
 * The kinds of entries that wait at an event, as a query: one probe of the index for each, however many
 * entries there are.
 *
 * @param most - of which there are no more
 */
export function waitingKinds(eventId: Prisma.Sql, most = MAX_WAITING_KINDS): Prisma.Sql {
  return Prisma.sql`
    WITH RECURSIVE kind AS (
      (SELECT event_id, ${CLAIM} AS claim, seats FROM waitlist_entries
        WHERE event_id = ${eventId} ORDER BY event_id, ${CLAIM}, seats LIMIT 1)
      UNION ALL
      SELECT next.* FROM kind CROSS JOIN LATERAL (
        SELECT event_id, ${CLAIM} AS claim, seats FROM waitlist_entries
        WHERE event_id <= kind.event_id
          AND (event_id, ${CLAIM}, seats) > (kind.event_id, kind.claim, kind.seats)
        ORDER BY event_id, ${CLAIM}, seats LIMIT 1) AS next)
    SELECT claim, seats FROM kind LIMIT ${most}::int`
}

interface KindRow {
  event_id: number
  claim: string
  seats: number
}

/** How much of a line can go in a batch: what there is room for at the most, and who leaves it. */
export interface Going {
  readonly room: Room
  readonly leaving: number
}

/** How many places are loaded of a kind. */
interface Places extends KindRow {
  readonly places: number
}

/**
 * Reads the first entries of each kind: as many as can be served or leave, and one more, which tells
 * who comes first where there is no room; but no more than a share of the bound.
 *
 * @param lines - of which events, by their ids
 */
export async function loadKinds(
  tx: Sql,
  lines: ReadonlyMap<number, Going>,
  maxSettled: number,
): Promise<Map<number, LoadedKinds>> {
  const eventIds = [...lines.keys()]
  if (eventIds.length === 0) return new Map()
  const kinds = await tx.$queryRaw<KindRow[]>`
    SELECT e.id AS event_id, k.claim, k.seats
    FROM unnest(${arrayOf(eventIds)}::text::int[]) AS e(id)
    CROSS JOIN LATERAL (${waitingKinds(Prisma.sql`e.id`)}) AS k`
  const share = shareOf(maxSettled, kinds.length)
  const asked = kinds.map((kind) => ({ ...kind, places: placesOf(kind, lines, share) }))
  const entries = groupByEvent(await loadFirstOf(tx, asked))
  return new Map(eventIds.map((id) => [id, loadedOf(entries.get(id) ?? [])]))
}

function placesOf(
  { event_id: id, claim, seats }: KindRow,
  lines: ReadonlyMap<number, Going>,
  share: number,
): number {
  const going = lines.get(id)
  if (going === undefined) return 1
  const wanted: Claim = new Map(Object.entries(JSON.parse(claim) as Record<string, number>))
  const mostGoing = servedOf(going.room, seats, wanted) + going.leaving + 1
  // Who leaves is given no seats.
  return Math.min(mostGoing, going.leaving === Infinity ? share : pieceOfLike(seats, share))
}

type PlacedRow = EntryRow & Pick<Places, 'places'>

/** One more than is asked for tells whether there are more. */
async function loadFirstOf(tx: Sql, kinds: readonly Places[]): Promise<PlacedRow[]> {
  if (kinds.length === 0) return []
  return tx.$queryRaw<PlacedRow[]>`
    SELECT w.*, k.places FROM json_to_recordset(${JSON.stringify(kinds)}::json)
      AS k(event_id int, claim text, seats int, places int)
    CROSS JOIN LATERAL (
      SELECT id, event_id, user_id, seats, created_at, lines FROM waitlist_entries
      WHERE event_id = k.event_id AND ${CLAIM} = k.claim COLLATE "C" AND seats = k.seats
      ORDER BY id LIMIT k.places + 1) AS w
    ORDER BY w.id`
}

function loadedOf(rows: readonly PlacedRow[]): LoadedKinds {
  const loaded = new Map<string, { count: number; last: number }>()
  const loadedUpTo = new Map<string, number>()
  const front: EntryRow[] = []
  for (const row of rows) {
    const kind = kindOf({ seats: row.seats, lines: linesOf(row.lines) })
    const { count, last } = loaded.get(kind) ?? { count: 0, last: 0 }
    if (count === row.places) {
      loadedUpTo.set(kind, last)
      continue
    }
    loaded.set(kind, { count: count + 1, last: Number(row.id) })
    front.push(row)
  }
  return { front, loadedUpTo }
}

/**
 * Whether somebody who waits at the event `e`, which has pools, can be served (`serveWaitlist` of
 * domain/decide/serve.ts, which this repeats): a first entry of a kind such that none at its place or
 * before lacks room in a pool that it takes from.
 */
export function canServe(): Prisma.Sql {
  return Prisma.sql`EXISTS (
    WITH first AS MATERIALIZED (
        SELECT k.claim::jsonb || jsonb_build_object('', k.seats) AS claim, (
          SELECT min(id) FROM waitlist_entries
          WHERE event_id = e.id AND ${CLAIM} = k.claim AND seats = k.seats) AS id
        FROM (${waitingKinds(Prisma.sql`e.id`)}) AS k),
      free AS MATERIALIZED (
        SELECT '' AS pool, e.total_seats - e.taken - e.blocked AS seats
        UNION ALL SELECT key, capacity - taken - blocked FROM event_pools WHERE event_id = e.id),
      lacking AS MATERIALIZED (
        SELECT needed.pool, min(first.id) AS since
        FROM first CROSS JOIN LATERAL jsonb_each_text(first.claim) AS needed(pool, seats)
        LEFT JOIN free ON free.pool = needed.pool
        WHERE COALESCE(free.seats, 0) < needed.seats::int
        GROUP BY needed.pool)
    SELECT FROM first WHERE NOT EXISTS (
      SELECT FROM lacking WHERE first.claim ? lacking.pool AND lacking.since <= first.id))`
}
