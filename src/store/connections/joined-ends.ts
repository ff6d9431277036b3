import type pg from 'pg'
import { isLastStatement } from '../last-statement.ts'
import { JoinedQuery, PrepareEnds } from './joined-query.ts'

const BEGIN = 'BEGIN'
const COMMIT = 'COMMIT'
const ROLLBACK = 'ROLLBACK'
const TOO_LATE = 'a statement came after the last one of its transaction'
const NOTHING: pg.QueryResult = { command: '', rowCount: null, oid: 0, fields: [], rows: [] }

/**
 * Sends BEGIN together with the statement after it, and COMMIT together with the statement that is
 * marked as the transaction's last: a transaction costs two round trips less. Whoever asks for
 * COMMIT afterwards is given the answer that it has had. A transaction without any statement is not
 * sent. See {@link JoinedQuery} for what becomes of the others where one of these fails.
 */
export function joinEnds(client: pg.Client): void {
  const query: unknown = Reflect.get(client, 'query')
  if (typeof query !== 'function') throw new TypeError('the client cannot query')
  const send = (...args: unknown[]): unknown => Reflect.apply(query, client, args)
  let begins = false
  let committed: Promise<void> | undefined

  const sendJoined = (config: unknown, values: unknown, commits: boolean): Promise<unknown> => {
    const joined = new JoinedQuery(configOf(config, values), { begins, commits })
    begins = false
    if (commits) {
      committed = joined.committed
      // What failed has undone nothing yet: that is for ROLLBACK.
      joined.result.catch(() => {
        if (committed === joined.committed) committed = undefined
      })
    }
    send(joined)
    return joined.result
  }

  send(new PrepareEnds())
  Reflect.set(client, 'query', (...args: unknown[]): unknown => {
    const [config, values] = args
    const text = textOf(config)
    if (text === BEGIN) {
      begins = true
      committed = undefined
      return Promise.resolve(NOTHING)
    }
    if (begins && (text === COMMIT || text === ROLLBACK)) {
      begins = false
      return Promise.resolve(NOTHING)
    }
    if (committed !== undefined) {
      const answer = committed
      if (text === COMMIT || text === ROLLBACK) committed = undefined
      if (text === COMMIT) return answer.then(() => NOTHING)
      if (text !== ROLLBACK) return Promise.reject(new Error(TOO_LATE))
    }
    const commits = isLastStatement(text)
    return begins || commits ? sendJoined(config, values, commits) : send(...args)
  })
}

function configOf(config: unknown, values: unknown): unknown {
  return typeof config === 'string' ? { text: config, values } : config
}

function textOf(config: unknown): string {
  if (typeof config === 'string') return config
  const text: unknown =
    typeof config === 'object' && config !== null ? Reflect.get(config, 'text') : undefined
  return typeof text === 'string' ? text : ''
}
