import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { deadlineIn, type Deadline } from './deadline.ts'

/** How to reach the server. */
export interface Connection {
  port: number
  user: string
  password: string
}

const lockKeys = [0x72657376, 1] // "resv": who uses the server
const reattachEveryMs = 200
const reattachForMs = 10_000
const closeTimeoutMs = 1_000
const connectTimeoutMs = 5_000
const queryTimeoutMs = 10_000
const lockTimeoutMs = 8_000 // below the former, so that the server tells

/**
 * One connection that a process keeps for as long as it uses the server, with a shared advisory
 * lock: whoever gets that lock exclusively is the last one and may stop the server. The lock goes
 * with the connection, also when the process is killed.
 */
export class Keeper {
  readonly #connection: Connection
  readonly #log: (line: string) => void
  readonly #closing = new AbortController()
  #client: Client | null = null
  #reattaching: Promise<void> | null = null

  private constructor(connection: Connection, log: (line: string) => void) {
    this.#connection = connection
    this.#log = log
  }

  /**
   * Connects and takes the shared lock. Waits for a process that is about to stop the server, and
   * then fails as the server goes down.
   * @throws pg's error
   */
  static async attach(connection: Connection, log: (line: string) => void, deadline: Deadline) {
    const keeper = new Keeper(connection, log)
    await keeper.#hold(deadline)
    return keeper
  }

  /** Runs one statement on the kept connection. */
  async query(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    if (this.#client === null) throw new Error('the connection to the embedded PostgreSQL is lost')
    return (await this.#client.query<Record<string, unknown>>(text, values)).rows
  }

  /**
   * Gives the shared lock back and tries to get the exclusive one: if the kept connection was
   * lost, on a new one to `port`, where another process may have started the server again.
   * @returns whether nobody else uses the server; until `close`, nobody can begin to
   * @throws pg's error where the server can't be reached
   */
  async leave(port: number, deadline: Deadline): Promise<boolean> {
    this.#closing.abort()
    await this.#reattaching
    const client = (this.#client ??= await this.#connect(port, deadline))
    await client.query('SELECT pg_advisory_unlock_all()')
    const result = await client.query<{ last: boolean }>(
      'SELECT pg_try_advisory_lock($1, $2) AS last',
      lockKeys,
    )
    return result.rows[0]?.last ?? false
  }

  /** Closes the connection, and with it whatever lock it has. Never fails. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#reattaching
    const client = this.#client
    this.#client = null
    if (client !== null) await closeClient(client)
  }

  async #hold(deadline: Deadline): Promise<void> {
    const client = await this.#connect(this.#connection.port, deadline)
    client.once('end', () => {
      this.#lost(client)
    })
    try {
      const limit = String(Math.min(lockTimeoutMs, deadline.remainingMs()))
      await client.query("SELECT set_config('lock_timeout', $1, false)", [limit])
      await client.query('SELECT pg_advisory_lock_shared($1, $2)', lockKeys)
    } catch (error) {
      await closeClient(client)
      throw error
    }
    this.#client = client
  }

  async #connect(port: number, deadline: Deadline): Promise<Client> {
    // Advisory locks belong to a database: this one always exists, and nobody clones it.
    const client = new Client({
      ...this.#connection,
      port,
      host: '127.0.0.1',
      database: 'postgres',
      application_name: 'embedded-database-keeper',
      connectionTimeoutMillis: Math.min(connectTimeoutMs, deadline.remainingMs()),
      query_timeout: queryTimeoutMs,
      ssl: false,
    })
    // A connection that breaks says so here and then ends; without a listener it would end us.
    client.on('error', () => undefined)
    await client.connect()
    return client
  }

  /** The server was killed, or only this connection: as after the death of another backend. */
  #lost(client: Client): void {
    if (this.#client !== client) return
    this.#client = null
    if (this.#closing.signal.aborted) return
    this.#reattaching ??= this.#reattach().finally(() => {
      this.#reattaching = null
    })
  }

  async #reattach(): Promise<void> {
    const deadline = deadlineIn(reattachForMs)
    while (!this.#closing.signal.aborted && !deadline.passed()) {
      try {
        await this.#hold(deadline)
        return
      } catch {
        await sleep(reattachEveryMs, undefined, { signal: this.#closing.signal }).catch(() => null)
      }
    }
    if (!this.#closing.signal.aborted) this.#log('The embedded PostgreSQL has gone away')
  }
}

async function closeClient(client: Client): Promise<void> {
  const timeout = new AbortController()
  await Promise.race([
    client.end().catch(() => undefined),
    sleep(closeTimeoutMs, undefined, { signal: timeout.signal }).catch(() => undefined),
  ])
  timeout.abort()
}
