import type pg from 'pg'

const BEGIN = 'BEGIN'
const ENDS = new Set(['COMMIT', 'ROLLBACK'])
// FOR UPDATE only locks.
const WRITES = /\b(INSERT|DELETE|TRUNCATE|(?<!FOR (NO KEY )?)UPDATE)\b/i
const NOTHING: pg.QueryResult = { command: '', rowCount: null, oid: 0, fields: [], rows: [] }

/**
 * Sends BEGIN together with the statement after it, where that one only reads and locks: so a
 * transaction costs one round trip less. The client must be in pipeline mode, where a statement does not wait for the answer to the
 * one before. A transaction without any statement is not sent at all.
 *
 * Should BEGIN fail alone, cancelled for instance, the statement sent with it runs outside of any
 * transaction. So it is sent along only where it writes nothing, it is reported as failed, and the
 * connection is ended: nothing more is sent on it.
 */
export function deferBegin(client: pg.ClientBase & { end: () => Promise<void> }): void {
  const query: unknown = Reflect.get(client, 'query')
  if (typeof query !== 'function') throw new TypeError('the client cannot query')
  const send = (...args: unknown[]): unknown => Reflect.apply(query, client, args)
  let isDeferred = false
  Reflect.set(client, 'query', (...args: unknown[]): unknown => {
    const text = textOf(args[0])
    const wasDeferred = isDeferred
    isDeferred = text === BEGIN
    if (isDeferred || (wasDeferred && ENDS.has(text))) return Promise.resolve(NOTHING)
    if (!wasDeferred) return send(...args)
    const begun = Promise.resolve(send(BEGIN))
    begun.catch(() => client.end())
    if (WRITES.test(text)) return begun.then(() => send(...args))
    return Promise.all([send(...args), begun]).then(([result]) => result)
  })
}

function textOf(config: unknown): string {
  if (typeof config === 'string') return config
  const text: unknown =
    typeof config === 'object' && config !== null ? Reflect.get(config, 'text') : undefined
  return typeof text === 'string' ? text : ''
}
