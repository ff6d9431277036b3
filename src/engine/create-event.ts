import { setTimeout as delay } from 'node:timers/promises'
import { toServiceError } from './service-error.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { EventSettings, EventView } from '../domain/commands.ts'
import { replay, type Answer, type Idempotency } from './orders.ts'
import type { HistoryChange } from '../domain/state.ts'
import { loadResponses, storeResponses } from '../store/idempotency.ts'
import type { Sql } from '../store/rows.ts'
import { settingsRow } from '../store/write.ts'
import { inTransaction, TransactionFailure, type TransactionBounds } from './transaction.ts'

export interface NewEvent {
  readonly settings: EventSettings
  /** For the history. */
  readonly requestId: string
  readonly idempotency: Idempotency | null
}

/** Tries of one creation, and the longest pause between two of them in milliseconds. */
const MAX_TRIES = 3
const MAX_PAUSE_MS = 40

/**
 * Makes an event, with its history's first entry and the answer under the idempotency key, in one
 * transaction. No command: an event that is not there yet has no lock to decide under.
 *
 * @throws ServiceError as commands do; see `Reservations.execute`
 */
export async function createEvent(
  prisma: PrismaClient,
  bounds: TransactionBounds,
  event: NewEvent,
): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await inTransaction(prisma, bounds, (tx) => createOnce(tx, event))
    } catch (error) {
      if (!(error instanceof TransactionFailure)) throw error
      // A conflict is undone for certain; so is what never came to its commit.
      const isSafe = error.kind === 'conflict' || error.stage === 'work'
      const isWorthIt = error.kind === 'conflict' || error.kind === 'unavailable'
      if (!isSafe || !isWorthIt || tries === MAX_TRIES) throw toServiceError(error, error)
      await delay(Math.random() * MAX_PAUSE_MS)
    }
  }
}

async function createOnce(tx: Sql, { settings, requestId, idempotency }: NewEvent) {
  const known = idempotency && (await loadResponses(tx, [idempotency.key])).get(idempotency.key)
  if (idempotency && known) return replay(idempotency, known)
  const event: EventView = {
    ...settings,
    id: await insertEvent(tx, settings, requestId),
    bookedSeats: 0,
    heldSeats: 0,
    waitlistLength: 0,
  }
  const outcome = { ok: true, result: { kind: 'event', event } } as const
  if (idempotency) {
    const { key, fingerprint, represent } = idempotency
    await storeResponses(tx, [{ key, fingerprint, response: represent(outcome) }])
  }
  return { kind: 'decided', outcome } as const
}

async function insertEvent(tx: Sql, settings: EventSettings, requestId: string): Promise<number> {
  const created: HistoryChange = {
    type: 'event_created',
    seats_before: 0,
    seats_after: settings.totalSeats,
    request_id: requestId,
  }
  const [row] = await tx.$queryRaw<[{ id: number }]>`
    WITH event AS (
      INSERT INTO events (name, total_seats, starts_at, sales_start_at, sales_end_at,
        max_seats_per_booking, hold_seconds, waitlist_promotes_to, metadata)
      SELECT * FROM json_to_record(${JSON.stringify(settingsRow(undefined, settings))}::json) AS s(
        name text, total_seats int, starts_at timestamptz, sales_start_at timestamptz,
        sales_end_at timestamptz, max_seats_per_booking int, hold_seconds int,
        waitlist_promotes_to text, metadata json)
      RETURNING id
    ), history AS (
      INSERT INTO event_history (event_id, first_sequence, last_sequence, at, changes)
      -- Ids begin anew after TRUNCATE … RESTART IDENTITY, and the history outlives its event.
      SELECT id, last.sequence + 1, last.sequence + 1,
        date_trunc('milliseconds', clock_timestamp()), ${JSON.stringify([created])}::jsonb
      FROM event CROSS JOIN LATERAL (
        SELECT COALESCE(max(last_sequence), 0) AS sequence FROM event_history
        WHERE event_id = event.id) AS last
    )
    SELECT id FROM event`
  return row.id
}
