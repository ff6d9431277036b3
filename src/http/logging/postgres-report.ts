/** What PostgreSQL says of what it refuses, without the values in it. */
export interface PostgresReport {
  /** SQLSTATE. */
  readonly code: string
  /** Where in PostgreSQL it was raised; not known of what comes through Prisma. */
  readonly routine: string | undefined
  readonly constraint: string | undefined
  /** The text with everything quoted removed; undefined where it may be of the data. */
  readonly text: string | undefined
}

/**
 * Classes of SQLSTATEs that tell of the server, the session or the schema (PostgreSQL documentation,
 * appendix A). The texts of all others may consist of what a client sent, as those of a trigger's
 * RAISE do, quoted or not.
 */
const NOT_OF_DATA = /^(08|25|26|28|3D|3F|40|42|53|55|57|58|XX)/

/** A sequence that has no more numbers: what the text quotes is its name, and the operator needs it. */
const SEQUENCE_EXHAUSTED = '2200H'

/** The routine that raises what a function in PL/pgSQL says. */
const RAISE = 'exec_stmt_raise'

/** Greedy, as PostgreSQL does not escape quotes in what it quotes; of any language (lc_messages). */
const QUOTED = /\p{Quotation_Mark}.*\p{Quotation_Mark}/su

/** How PostgreSQL itself names the constraint that a row breaks. */
const CONSTRAINT = /\bviolates (?:check|unique|exclusion|foreign key) constraint "([^"]*)"$/

/** The report that this error itself carries, from pg or from Prisma's adapter. */
export function reportOf(error: Error): PostgresReport | undefined {
  const source = sourcesOf(error).find((candidate) => codeOf(candidate) !== undefined)
  const code = codeOf(source)
  if (code === undefined) return undefined
  const message = textIn(source, 'originalMessage') ?? textIn(source, 'message') ?? ''
  const routine = textIn(source, 'routine')
  const constraint = textIn(source, 'constraint') ?? CONSTRAINT.exec(message)?.[1]
  return { code, routine, constraint, text: shownOf(message, code, routine) }
}

function shownOf(message: string, code: string, routine: string | undefined): string | undefined {
  if (routine === RAISE) return undefined
  if (code === SEQUENCE_EXHAUSTED) return message
  return NOT_OF_DATA.test(code) ? withoutQuoted(message) : undefined
}

/** Prisma keeps the report of its adapter in `meta`, and the adapter its own as a cause that is no Error. */
function sourcesOf(error: Error): unknown[] {
  const ofAdapter = member(error, 'meta', 'driverAdapterError', 'cause')
  const { cause } = error
  return [error, ofAdapter, ...(cause instanceof Error ? [] : [cause])]
}

function withoutQuoted(message: string): string {
  return message.replace(QUOTED, '"…"')
}

/** What pg raises has a severity beside its code, and Prisma's adapter keeps that code by. */
function codeOf(error: unknown): string | undefined {
  const isOfPg = textIn(error, 'severity') !== undefined
  return textIn(error, 'originalCode') ?? (isOfPg ? textIn(error, 'code') : undefined)
}

function textIn(value: unknown, name: string): string | undefined {
  const found = member(value, name)
  return typeof found === 'string' ? found : undefined
}

function member(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (found, name) =>
      typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined,
    value,
  )
}
