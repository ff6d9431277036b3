import { EXPIRED_HOLD_RETENTION_DAYS, IDEMPOTENCY_RETENTION_HOURS } from '../domain/policy.ts'
import { Prisma } from '../generated/prisma/client.ts'

// Rows whose time is over may be there for as long again: they go with the slot that they are in
// (ADR 0012). That they are over is for whoever reads them to see.

/** For how long rows of `idempotency_keys` are remembered. The database has it in `turn_over`, too. */
export const KEY_RETENTION = Prisma.sql`make_interval(hours => ${IDEMPOTENCY_RETENTION_HOURS}::int)`

/** For how long rows of `expired_holds` are, likewise. */
export const EXPIRED_HOLD_RETENTION = Prisma.sql`make_interval(days => ${EXPIRED_HOLD_RETENTION_DAYS}::int)`

/** Conditions on a row of `idempotency_keys`. */
export const IS_KEY_OVER = Prisma.sql`created_at <= now() - ${KEY_RETENTION}`

/** Conditions on a row of `expired_holds`. */
export const IS_HOLD_OVER = Prisma.sql`expired_at <= now() - ${EXPIRED_HOLD_RETENTION}`
export const IS_HOLD_REMEMBERED = Prisma.sql`expired_at > now() - ${EXPIRED_HOLD_RETENTION}`
