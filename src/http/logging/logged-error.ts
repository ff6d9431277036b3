import type { FastifyServerOptions } from 'fastify'
import { reportOf, type PostgresReport } from './postgres-report.ts'

/** More of an error's causes are not logged. */
const MAX_CAUSES = 8

// An interface would not do: Fastify's type asks for an index signature.
type LoggedError = {
  type: string
  message: string
  stack: string
  /** SQLSTATE where PostgreSQL refused something, else the first code of the chain. */
  code?: string
  routine?: string
  constraint?: string
}

/** The logger's options, so that of an error only what `loggedError` gives is logged. */
export function withSafeErrors(
  logger: NonNullable<FastifyServerOptions['logger']>,
): NonNullable<FastifyServerOptions['logger']> {
  if (logger === false) return false
  const options = logger === true ? {} : logger
  return { ...options, serializers: { err: loggedError, ...options.serializers } }
}

/**
 * What is logged of an error: its kind, its text and its stack, with those of its causes. Other
 * members are left out: drivers put rows and parameters there, with users' ids in them. So are
 * PostgreSQL's own texts, but for what of them can't be a value.
 */
export function loggedError(error: unknown): LoggedError {
  const chain = causesOf(error).map((cause) => ({ cause, report: reportOf(cause) }))
  const report = chain.map((link) => link.report).find((found) => found !== undefined)
  const code =
    report?.code ?? chain.map(({ cause }) => codeOf(cause)).find((found) => found !== undefined)
  return {
    type: chain[0]?.cause.name ?? typeof error,
    message: chain.map(messageOf).join(': '),
    stack: chain.map(stackOf).join('\ncaused by: '),
    ...(code !== undefined && { code }),
    ...(report?.routine !== undefined && { routine: report.routine }),
    ...(report?.constraint !== undefined && { constraint: report.constraint }),
  }
}

interface Link {
  readonly cause: Error
  readonly report: PostgresReport | undefined
}

function messageOf({ cause, report }: Link): string {
  if (report === undefined) return cause.message
  const start = `PostgreSQL refused it with ${report.code}`
  return report.text === undefined ? start : `${start}: ${report.text}`
}

/** A stack begins with the text as it was, so that goes too. */
function stackOf({ cause, report }: Link): string {
  const { name, message, stack = '' } = cause
  if (report === undefined) return stack
  const start = stack.indexOf(message)
  const calls = start === -1 ? '' : stack.slice(start + message.length)
  return `${name}: ${messageOf({ cause, report })}${calls}`
}

/** The error and what caused it, outermost first. */
function causesOf(error: unknown): Error[] {
  const chain: Error[] = []
  let next = error
  while (next instanceof Error && chain.length < MAX_CAUSES && !chain.includes(next)) {
    chain.push(next)
    next = next.cause
  }
  return chain
}

function codeOf(error: Error): string | undefined {
  const code: unknown = Reflect.get(error, 'code')
  return typeof code === 'string' ? code : undefined
}
