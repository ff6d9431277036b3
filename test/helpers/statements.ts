import type pg from 'pg'

/** Passes a statement, as the client was given it, on to PostgreSQL. */
export type Send = (statement: unknown) => unknown

/**
 * Stands between a client and what sends statements by it.
 *
 * @param handle - is called in the place of `query`, and has to `send`
 */
export function interceptStatements(
  client: pg.ClientBase,
  handle: (statement: unknown, send: Send) => unknown,
): void {
  const query: unknown = Reflect.get(client, 'query')
  if (typeof query !== 'function') throw new TypeError('pg has changed')
  Reflect.set(client, 'query', (statement: unknown, ...rest: unknown[]): unknown =>
    handle(statement, (sent): unknown => Reflect.apply(query, client, [sent, ...rest])),
  )
}

/** Sends each statement of a client as what `rewrite` makes of it. */
export function rewriteStatements(client: pg.ClientBase, rewrite: (sql: string) => string): void {
  interceptStatements(client, (statement, send) => {
    const hasText = typeof statement === 'object' && statement !== null && 'text' in statement
    if (!hasText || typeof statement.text !== 'string') return send(statement)
    return send({ ...statement, text: rewrite(statement.text) })
  })
}
