import type pg from 'pg'

const BEGIN = 'BEGIN'
const ENDS = new Set(['COMMIT', 'ROLLBACK'])
const NOTHING: pg.QueryResult = { command: '', rowCount: null, oid: 0, fields: [], rows: [] }

/**
 * Sends BEGIN together with the statement after it, so that a transaction costs one round trip
 * less. The client must be in pipeline mode, where a statement does not wait for the answer to the
 * one before. A transaction without any statement is not sent at all.
 *
 * BEGIN fails where its session does, and then so does all that is sent after it. Should it fail
 * alone nevertheless, its statement fails with it, and the connection is ended: nothing more can
 * run on it outside of the transaction.
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
    return Promise.all([send(...args), begun]).then(([result]) => result)
  })
}

function textOf(config: unknown): string {
  if (typeof config === 'string') return config
  const text: unknown =
    typeof config === 'object' && config !== null ? Reflect.get(config, 'text') : undefined
  return typeof text === 'string' ? text : ''
}
