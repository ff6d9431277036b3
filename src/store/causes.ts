const SQLSTATE = /^[0-9A-Z]{5}$/
const SYSTEM_ERROR = /^E[A-Z]{2,}/
const PRISMA_CODE = /^P[12]\d{3}$/
/** An error that is caused by more than these says nothing new. */
const MAX_CAUSES = 16

/** Our own SQLSTATE, of a class that the SQL standard leaves free: triggers would not fire. */
export const TRIGGERS_OFF = 'RS001'

/**
 * PostgreSQL's function that refuses a plan whose table looks otherwise by now. The SQLSTATE of that,
 * 0A000, has many other causes, and the text depends on the server's language.
 */
const STALE_PLAN_ROUTINE = 'RevalidateCachedQuery'
/** How {@link markStalePlan} says so. */
const STALE_PLAN_HINT = 'A new session carries the statement out: its plan is new.'

/** The error and what caused it, outermost first, also where Prisma keeps it in `meta`. */
export function causesOf(error: unknown): unknown[] {
  const chain: unknown[] = []
  const open: unknown[] = [error]
  while (open.length > 0 && chain.length < MAX_CAUSES) {
    const next = open.shift()
    if (typeof next !== 'object' || next === null || chain.includes(next)) continue
    chain.push(next)
    open.push(member(next, 'cause'), member(member(next, 'meta'), 'driverAdapterError'))
  }
  return chain
}

/** The SQLSTATE of what PostgreSQL refused; undefined where it refused nothing. */
export function sqlStateIn(chain: readonly unknown[]): string | undefined {
  return chain.map(ownSqlState).find((code) => code !== undefined)
}

/** The name of the constraint that was broken. */
export function constraintIn(chain: readonly unknown[]): string | undefined {
  return chain
    .map((error) => member(error, 'constraint'))
    .map((constraint) => text(constraint) ?? text(member(constraint, 'index')))
    .find((name) => name !== undefined)
}

/** The code of an error's own: a SQLSTATE, one of Prisma's or one of the system's. */
export function codeOf(error: unknown): string | undefined {
  return text(member(error, 'code'))
}

/** What Prisma's adapter calls it. */
export function kindOf(error: unknown): string | undefined {
  return text(member(error, 'kind'))
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : ''
}

/** Whether a code is one of the system's, such as ECONNREFUSED. */
export function isSystemError(code: string): boolean {
  return SYSTEM_ERROR.test(code)
}

/** Whether PostgreSQL refused a plan because a table looks otherwise than when it was made. */
export function isStalePlan(error: unknown): boolean {
  return (
    member(error, 'routine') === STALE_PLAN_ROUTINE || member(error, 'hint') === STALE_PLAN_HINT
  )
}

/**
 * Lets such a report be known again. Prisma's adapter does not hand on the routine that reported it;
 * it does hand on the hint, of which this report has none.
 */
export function markStalePlan(report: { hint?: string | undefined }): void {
  report.hint = STALE_PLAN_HINT
}

function ownSqlState(error: unknown): string | undefined {
  return [text(member(error, 'originalCode')), codeOf(error)].find(
    (code) =>
      code !== undefined &&
      SQLSTATE.test(code) &&
      !SYSTEM_ERROR.test(code) &&
      !PRISMA_CODE.test(code),
  )
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
