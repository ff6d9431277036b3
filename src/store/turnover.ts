import { Prisma } from '../generated/prisma/client.ts'
import { sqlStateOf } from './failure.ts'
import { EXPIRED_HOLD_RETENTION, IS_HOLD_OVER, IS_KEY_OVER, KEY_RETENTION } from './retention.ts'
import type { Sql } from './rows.ts'

const INSUFFICIENT_PRIVILEGE = '42501'

/** Rows that one statement deletes, at the most. */
const MAX_DELETED = 20_000

/** The tables whose partitions are a ring. */
export type RingName = 'idempotency_keys' | 'expired_holds'

interface Ring {
  readonly name: RingName
  /** For how long a row is remembered, and a slot is written. */
  readonly period: Prisma.Sql
  /** Whether a row is remembered no longer. */
  readonly isOver: Prisma.Sql
}

const RINGS: Readonly<Record<RingName, Ring>> = {
  idempotency_keys: { name: 'idempotency_keys', period: KEY_RETENTION, isOver: IS_KEY_OVER },
  expired_holds: { name: 'expired_holds', period: EXPIRED_HOLD_RETENTION, isOver: IS_HOLD_OVER },
}

/**
 * What `turn_over` says (see the migration `turnover`); `forbidden` where the service's role may not
 * execute it, or its owner may not do what it does.
 */
type TurnoverResult = 'empty' | 'truncated' | 'young' | 'locked' | 'forbidden'

export interface Pruned {
  /** Whether nothing is left for now. */
  readonly isDone: boolean
  /** Whether rows are deleted because a privilege is missing to truncate the slot. */
  readonly isForbidden: boolean
}

/**
 * Drops outcomes under idempotency keys, or the memory of expired holds, when their time is over:
 * empties the slot of the ring that is written next. What keeps it from being emptied may last: a
 * young row, moved there by hand or by a clock that was set back, or a missing privilege. Then the
 * rows that are over are deleted, a bounded number at once. Where the slot was only locked, the next
 * pruning tries again: there is a day for it.
 */
export async function prune(sql: Sql, name: RingName): Promise<Pruned> {
  const ring = RINGS[name]
  const result = await turnOver(sql, ring)
  const isForbidden = result === 'forbidden'
  if (result !== 'young' && !isForbidden) return { isDone: true, isForbidden }
  return { isDone: (await deleteSome(sql, ring)) < MAX_DELETED, isForbidden }
}

async function turnOver(sql: Sql, { name }: Ring): Promise<TurnoverResult> {
  try {
    const [row] = await sql.$queryRaw<
      [{ result: TurnoverResult }]
    >`SELECT public.turn_over(${name}::text) AS result`
    return row.result
  } catch (error) {
    if (sqlStateOf(error) === INSUFFICIENT_PRIVILEGE) return 'forbidden'
    throw error
  }
}

/** Rows that another instance is deleting are left to it. */
async function deleteSome(sql: Sql, { name, period, isOver }: Ring): Promise<number> {
  const table = Prisma.raw(name)
  const isNext = Prisma.sql`slot = (SELECT (public.ring_slot(now(), ${period}) + 1) % 3)`
  return sql.$executeRaw`
    DELETE FROM ${table} WHERE ${isNext} AND ctid = ANY (ARRAY(
      SELECT ctid FROM ${table} WHERE ${isNext} AND ${isOver}
      LIMIT ${MAX_DELETED}::int FOR UPDATE SKIP LOCKED))`
}
