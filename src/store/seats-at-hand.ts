import type { Fact } from '../domain/facts.ts'
import type { Occupancy } from '../domain/seating/occupancy.ts'
import type { State } from '../domain/state.ts'
import { AtHand } from './at-hand.ts'
import { askedKey, idsAsked, isAskedFor, type Asked } from './asked.ts'
import type { Loaded, LockedEvent } from './lock-and-load.ts'
import type { Sql } from './rows.ts'
import {
  isSeatingAtHand,
  keepSeating,
  MAX_WEIGHT_AT_HAND,
  seatingOf,
  weightOf,
} from './seatings.ts'

/** Seats of the seatings that one batch makes ahead, at the most, and one more seating. */
const MAX_SEATS_PREPARED = 150_000
/** Events of which it is known which seating they have had last. */
const MAX_DIGESTS = 10_000

/** What it is known by of whose row a batch has locked. */
type Locked = Pick<LockedEvent, 'id' | 'tenant_id' | 'seating' | 'row_version'>

interface Known {
  readonly version: string
  readonly occupancy: Occupancy
}

/**
 * Who has the seats of a hall, from one batch of an event to the next: it would take longer to read than
 * all else. Whatever changes a seat leaves a new version of the event's row, and a batch has that row
 * locked. So what was known at a version holds as long as the row has it; any other process, or hand, that
 * takes a seat makes it void. A batch takes what it uses, and only one that is committed gives it back.
 */
export class SeatsAtHand {
  readonly #known = new AtHand<number, Known>(
    MAX_WEIGHT_AT_HAND,
    // A byte for each seat and some numbers for each row; and it holds the seating, which may be at
    // hand for nobody else any more.
    ({ occupancy }) => weightOf(occupancy.seating),
  )
  /** By `askedKey`: another tenant's event is not there. */
  readonly #digests = new AtHand<string, string>(MAX_DIGESTS, () => 1)

  /** What is known of an event's seats as they are now; undefined where that is nothing. */
  take({ id, tenant_id: tenantId, seating, row_version: version }: Locked): Occupancy | undefined {
    if (seating === null) return undefined
    this.#digests.keep(askedKey({ id, tenantId }), seating)
    const known = this.#known.take(id)
    return known?.version === version ? known.occupancy : undefined
  }

  /** Gives back what a batch has taken and left as it was. */
  putBack({ id, row_version: version }: Locked, occupancy: Occupancy): void {
    this.#known.keep(id, { version, occupancy })
  }

  /** Keeps what a batch that is committed has left of what it knew. */
  keep({ events, transaction }: Loaded, state: State, facts: readonly Fact[]): void {
    const changed = new Set(facts.map(({ eventId }) => eventId))
    for (const { id, row_version: before } of events) {
      const { occupancy = null, seatingDigest = null } = state.events.get(id) ?? {}
      if (occupancy === null || seatingDigest === null) continue
      keepSeating(seatingDigest, occupancy.seating)
      if (!occupancy.knowsSections) continue
      this.#known.keep(id, { version: changed.has(id) ? transaction : before, occupancy })
    }
  }

  /**
   * Has the seatings of events at hand, before there is a lock for which others wait: to read a large one,
   * and to make it, takes longer than a batch. What is past the bound, or comes only now, the batch reads
   * itself, as far as it may (store/load-seats.ts).
   */
  async prepare(sql: Pick<Sql, '$queryRaw'>, asked: readonly Asked[]): Promise<void> {
    const unknown = asked.filter((event) => {
      const digest = this.#digests.get(askedKey(event))
      return digest === undefined || !isSeatingAtHand(digest)
    })
    if (unknown.length === 0) return
    const rows = await sql.$queryRaw<(Asked & { seating: string })[]>`
      SELECT id, tenant_id AS "tenantId", seating FROM events
      WHERE id = ANY (ARRAY(SELECT unnest((SELECT ${idsAsked(unknown)}::text::int[]))))
        AND ${isAskedFor(unknown)} AND seating IS NOT NULL`
    const digests = new Map(rows.map(({ seating, ...event }) => [askedKey(event), seating]))
    let seats = 0
    for (const event of unknown) {
      const digest = digests.get(askedKey(event))
      // Several commands may ask for an event.
      if (digest === undefined || !digests.delete(askedKey(event))) continue
      this.#digests.keep(askedKey(event), digest)
      if (isSeatingAtHand(digest)) continue
      const seating = await seatingOf(sql, event.id, digest)
      seats += seating?.count ?? 0
      if (seats >= MAX_SEATS_PREPARED) return
    }
  }
}
