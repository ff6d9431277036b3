/** The embedded PostgreSQL cannot do what was asked; the message says why and what helps. */
export class EmbeddedDatabaseError extends Error {
  override readonly name = 'EmbeddedDatabaseError'
}

/** The code that Node and pg put on their errors (`ENOENT`, `57P03`), or an empty string. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

/** One line that tells a human what went wrong. */
export function errorText(error: unknown): string {
  // Node wraps the refusals of several addresses in one error without a message of its own.
  const text = error instanceof Error ? error.message : String(error)
  return text === '' ? errorCode(error) || 'unknown error' : text
}
