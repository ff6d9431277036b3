import pg from 'pg'

/** pg's Query as it is: its types leave out how it writes to the server and hears from it. */
interface WireQuery {
  callback: (error: Error | undefined, result: pg.QueryResult) => void
  readonly _results: pg.QueryResult
  /** What a row could not be read for, until it is told. */
  readonly _canceledDueToError: unknown
  submit(connection: Wire): Error | null
  requiresPreparation(): boolean
  handleCommandComplete(message: { text: string }, connection: Wire): void
  handleError(error: Error, connection: Wire): void
  _getRows(connection: Wire, rows: unknown): void
}

interface Wire {
  readonly stream: { cork(): void; uncork(): void }
  parse(statement: { name: string; text: string; types: [] }): void
  bind(portal: { statement: string }): void
  execute(portal: object): void
  sync(): void
}

const Query = pg.Query as unknown as new (config: unknown) => WireQuery

/** The statements that go along with others, prepared by these names. */
const ENDS = { begin: 'BEGIN', commit: 'COMMIT' } as const

/** SQLSTATEs by which somebody between us and the server says that its answer is lost. */
const ANSWER_LOST = /^(08|40003)/

/** The answer to a COMMIT that went along with a statement is lost: both may have taken effect. */
export class CommitLostError extends Error {
  override readonly name = 'CommitLostError'

  constructor(cause: unknown) {
    super('the answer to a statement and its COMMIT is lost', { cause })
  }
}

/** Prepares BEGIN and COMMIT; carries neither out. */
export class PrepareEnds extends Query {
  constructor() {
    super({ text: '' })
    this.callback = () => undefined
  }

  override submit(connection: Wire): null {
    for (const [name, text] of Object.entries(ENDS)) connection.parse({ name, text, types: [] })
    connection.sync()
    return null
  }
}

/**
 * A statement that is sent together with BEGIN before it, or COMMIT behind it, or both, up to one
 * Sync. Where one of them fails, PostgreSQL skips the others: no statement runs outside of its
 * transaction, and none is committed that failed.
 */
export class JoinedQuery extends Query {
  readonly result: Promise<pg.QueryResult>
  /** Settles with COMMIT's own answer, if the statement succeeds. */
  readonly committed: Promise<void>
  readonly #begins: boolean
  readonly #commits: boolean
  #settleCommit: (error?: Error) => void = () => undefined
  #isSent = false
  #isBegun = false
  #isDone = false

  constructor(config: unknown, { begins, commits }: { begins: boolean; commits: boolean }) {
    super(config)
    this.#begins = begins
    this.#commits = commits
    this.committed = new Promise((resolve, reject) => {
      this.#settleCommit = (error) => {
        if (error === undefined) resolve()
        else reject(error)
      }
    })
    // Nobody may ask for it, where the statement fails otherwise.
    this.committed.catch(() => undefined)
    this.result = new Promise((resolve, reject) => {
      this.callback = (error, result) => {
        if (error) reject(this.#commits ? this.#asSeenFromOutside(error) : error)
        else resolve(result)
      }
    })
  }

  override requiresPreparation(): boolean {
    return true
  }

  override submit(connection: Wire): Error | null {
    this.#isSent = true
    connection.stream.cork()
    try {
      if (this.#begins) run('begin', connection)
      return super.submit(connection)
    } finally {
      connection.stream.uncork()
    }
  }

  /** Is called when all but Execute and Sync is written. */
  override _getRows(connection: Wire, rows: unknown): void {
    if (!this.#commits) {
      super._getRows(connection, rows)
      return
    }
    connection.execute({})
    run('commit', connection)
    connection.sync()
  }

  override handleCommandComplete(message: { text: string }, connection: Wire): void {
    if (this.#begins && !this.#isBegun) this.#isBegun = true
    else if (!this.#isDone) {
      this.#isDone = true
      super.handleCommandComplete(message, connection)
    } else if (message.text === ENDS.commit) this.#settleCommit()
    else this.#settleCommit(new Error(`COMMIT came to ${message.text}`))
  }

  override handleError(error: Error, connection: Wire): void {
    const isOfCommit = this.#commits && this.#isDone
    if (isOfCommit) this.#settleCommit(error)
    // Without the rows that can't be read there is no result.
    if (isOfCommit && !this._canceledDueToError) this.callback(undefined, this._results)
    else super.handleError(error, connection)
  }

  /** PostgreSQL's own word that a statement failed means that its COMMIT was skipped. */
  #asSeenFromOutside(error: Error): Error {
    const isKnown = error instanceof pg.DatabaseError && !ANSWER_LOST.test(error.code ?? '')
    return isKnown || !this.#isSent ? error : new CommitLostError(error)
  }
}

function run(end: keyof typeof ENDS, connection: Wire): void {
  connection.bind({ statement: end })
  connection.execute({})
}
