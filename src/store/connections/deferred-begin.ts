import type pg from 'pg'

const BEGIN = 'BEGIN'
const ENDS = new Set(['COMMIT', 'ROLLBACK'])
// FOR UPDATE only locks.
const WRITES = /\b(INSERT|DELETE|TRUNCATE|(?<!FOR (NO KEY )?)UPDATE)\b/i
const NOTHING: pg.QueryResult = { command: '', rowCount: null, oid: 0, fields: [], rows: [] }

/**
 * Sends BEGIN together with the statement after it, where that one only reads and locks: so a
 * transaction costs one round trip less. The client must be in pipeline mode, where a statement
 * does not wait for the answer to the one before. A transaction without any statement is not sent.
 *
 * Should BEGIN fail alone, cancelled for instance, the statement sent with it runs outside of any
 * transaction. So one that writes is held back until BEGIN is answered, and whatever comes after it
 * stays behind it. The failure is that of the statement, and the connection is ended: nothing more
 * is sent on it.
 */
export function deferBegin(client: pg.Client): void {
  const query: unknown = Reflect.get(client, 'query')
  if (typeof query !== 'function') throw new TypeError('the client cannot query')
  const send = (...args: unknown[]): unknown => Reflect.apply(query, client, args)
  let isDeferred = false
  let heldBack: Promise<void> | undefined

  const sendBoth = (text: string, args: unknown[]): Promise<unknown> => {
    const begun = Promise.resolve(send(BEGIN))
    begun.catch(() => client.end())
    if (!WRITES.test(text)) return Promise.all([send(...args), begun]).then(([result]) => result)
    const written = begun.then(() => send(...args))
    heldBack = begun
      .catch(() => undefined)
      .then(() => {
        heldBack = undefined
      })
    return written
  }

  Reflect.set(client, 'query', (...args: unknown[]): unknown => {
    const text = textOf(args[0])
    const wasDeferred = isDeferred
    isDeferred = text === BEGIN
    if (isDeferred || (wasDeferred && ENDS.has(text))) return Promise.resolve(NOTHING)
    if (wasDeferred) return sendBoth(text, args)
    return heldBack === undefined ? send(...args) : heldBack.then(() => send(...args))
  })
}

function textOf(config: unknown): string {
  if (typeof config === 'string') return config
  const text: unknown =
    typeof config === 'object' && config !== null ? Reflect.get(config, 'text') : undefined
  return typeof text === 'string' ? text : ''
}
