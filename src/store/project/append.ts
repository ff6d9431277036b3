import { Prisma } from '../../generated/prisma/client.ts'
import { THEN_COMMIT, type RunLast } from '../last-statement.ts'
import type { Sql } from '../rows.ts'
import {
  bookingColumns,
  historyColumns,
  type BookingColumns,
  type HistoryColumns,
} from './columns.ts'
import type { CreatedEvent } from './events.ts'
import { insertOfKeys, type KeyedSuccess } from './keys.ts'
import { moreColumns } from './more-columns.ts'
import type { FactsBySubject } from './project.ts'

/**
 * The new bookings, the history, and what came of requests under idempotency keys: what a plain
 * reservation comes down to, in one round trip. Ids are drawn here, where rows are written, and put
 * into the facts and the outcomes by PostgreSQL: to ask for them first would cost a round trip of
 * its own.
 *
 * @param entryIds - of the waitlist entries that the batch has made
 * @param runLast - where nothing comes after it: COMMIT goes along
 * @returns the ids of the new bookings, also of those that have ended already
 */
export async function append(
  tx: Sql,
  facts: FactsBySubject,
  successes: readonly KeyedSuccess[],
  created: readonly CreatedEvent[],
  entryIds: readonly number[],
  runLast: RunLast | null,
): Promise<number[]> {
  const eventIds = created.map(({ id }) => id)
  const statement = statementOf({
    atSeconds: (facts.all[0]?.at.getTime() ?? 0) / 1000,
    history: historyColumns(facts.all, created, { eventIds, entryIds }),
    bookings: bookingColumns(facts.left, eventIds),
    keys:
      successes.length === 0
        ? Prisma.empty
        : Prisma.sql`, keys AS (${insertOfKeys(successes, { eventIds, entryIds })})`,
    end: runLast ? THEN_COMMIT : Prisma.empty,
  })
  const send = () => tx.$queryRaw<[{ ids: string }]>(statement)
  const [row] = await (runLast ? runLast(send) : send())
  return idsOf(row.ids)
}

/** What goes into the statement. */
interface Appended {
  readonly atSeconds: number
  readonly history: HistoryColumns
  readonly bookings: BookingColumns
  /** What stores the outcomes; empty where there is none. */
  readonly keys: Prisma.Sql
  readonly end: Prisma.Sql
}

function statementOf({ atSeconds, history, bookings, keys, end }: Appended): Prisma.Sql {
  const more = moreColumns(bookings.more)
  return Prisma.sql`
    WITH drawn AS MATERIALIZED (
        SELECT ARRAY(
          SELECT nextval('bookings_id_seq') FROM generate_series(1, ${bookings.count}::int)) AS ids),
      history AS (
        INSERT INTO event_history (event_id, tenant_id, first_sequence, last_sequence, at, changes)
        SELECT min(f.event_id), min(f.tenant_id), min(f.sequence), max(f.sequence), to_timestamp(${atSeconds}::float8),
          ('[' || string_agg(
            CASE WHEN f.booking IS NULL THEN f.fact::text
            ELSE left(f.fact::text, -1) || ',"booking_id":' || (SELECT ids FROM drawn)[f.booking] || '}'
            END, ',' ORDER BY f.position) || ']')::json
        FROM ROWS FROM (
          json_array_elements(${history.facts}::json),
          unnest(${history.rows}::text::int[]),
          unnest(${history.eventIds}::text::int[]),
          json_array_elements_text(${history.tenantIds}::json),
          unnest(${history.sequences}::text::bigint[]),
          unnest(${history.newBookings}::text::int[])
        ) WITH ORDINALITY AS f(fact, row, event_id, tenant_id, sequence, booking, position)
        GROUP BY f.row),
      made AS (
        INSERT INTO bookings (
          id, event_id, tenant_id, user_id, seats, status, expires_at, created_at${more.target})
        SELECT (SELECT ids FROM drawn)[b.place], b.event_id, b.tenant_id, b.user_id, b.seats,
          CASE WHEN b.expires_at IS NULL THEN 'confirmed' ELSE 'held' END,
          to_timestamp(b.expires_at), to_timestamp(${atSeconds}::float8)${more.value}
        FROM ROWS FROM (
          unnest(${bookings.places}::text::int[]),
          unnest(${bookings.eventIds}::text::int[]),
          json_array_elements_text(${bookings.tenantIds}::json),
          json_array_elements_text(${bookings.userIds}::json),
          unnest(${bookings.seats}::text::int[]),
          unnest(${bookings.expiries}::text::float8[])${more.source}
        ) AS b(place, event_id, tenant_id, user_id, seats, expires_at${more.name}))
      ${keys}
    SELECT array_to_json(ids)::text AS ids FROM drawn ${end}`
}

/** Ids as PostgreSQL writes them in JSON. */
export function idsOf(json: string): number[] {
  return JSON.parse(json) as number[]
}
