// @ts-check
import { randomUUID } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import { ColumnTypeEnum, DriverAdapterError } from '@prisma/driver-adapter-utils'
import pg from 'pg'
import { assertUrlRules, BrokenUrlRule, driverUrlOf } from '../../src/config/database-url-rules.mjs'
import { codeOf, connectionError, invalidUrl, migrationLockTimeout, refusedUrl } from './errors.mjs'

/** @typedef {import('@prisma/driver-adapter-utils').SqlDriverAdapter} Adapter */
/** @typedef {import('@prisma/driver-adapter-utils').SqlQuery} Query */
/** @typedef {import('@prisma/driver-adapter-utils').SqlResultSet} ResultSet */
/** @typedef {import('./errors.mjs').Server} Server */

const CONNECT_TIMEOUT_SECONDS = 5
const LOCK_TIMEOUT_MS = 10_000
// Whatever a role or a database has for a default: the triggers name their tables in this schema.
const SEARCH_PATH = 'SET search_path = public'

const LOCK_STATEMENT = 'SELECT pg_advisory_lock(72707369)'

// PostgreSQL's internal type "char", which adapter-pg does not know, and text, which it does.
const CHAR_OID = 18
const TEXT_OID = 25

// Databases from which another one can be created: usual, guaranteed, and one hoster's own.
const MAINTENANCE_DATABASES = ['postgres', 'template1', 'defaultdb']

/** The database that a URL names: one session, as the schema engine expects. */
export class Database {
  /** @type {pg.DatabaseError | undefined} */
  scriptError

  /** @type {string | undefined} */
  failedScript

  /** @type {Error | undefined} */
  lockError

  /** @type {Set<number>} */
  #charColumns = new Set()

  /**
   * @param {string} url
   * @param {string} [database] another database on the same server
   */
  constructor(url, database) {
    this.url = url
    const config = sessionConfig(url, database)
    this.schema = config.schema
    this.server = serverOf(config)
    this.pool = new pg.Pool(config)
    // An idle session that breaks is reported by the next statement.
    this.pool.on('error', () => {})
  }

  /** Connects, so that a failure is reported with its own code and not as some query's error. */
  async connect() {
    try {
      const client = await this.pool.connect()
      client.release()
    } catch (error) {
      throw connectionError(error, this.server)
    }
  }

  /** @returns {Promise<Adapter>} */
  async adapter() {
    const pool = this.#relabelCharColumns()
    const adapter = await new PrismaPg(pool, this.schema ? { schema: this.schema } : {}).connect()
    const executeRaw = adapter.executeRaw.bind(adapter)
    const queryRaw = adapter.queryRaw.bind(adapter)
    return Object.assign(adapter, {
      queryRaw: async (/** @type {Query} */ query) => this.#restoreChars(await queryRaw(query)),
      executeRaw: (/** @type {Query} */ query) =>
        query.sql === LOCK_STATEMENT ? this.#lock() : executeRaw(query),
      executeScript: (/** @type {string} */ script) => this.#executeScript(script),
      dispose: () => this.close(),
    })
  }

  async close() {
    if (!this.pool.ending) await this.pool.end()
  }

  // Introspection reads "char" columns of the catalog. adapter-pg refuses their type, so it is
  // shown text; the engine insists on a character, so the answer is put right. The session runs
  // one statement at a time, so what was seen last belongs to the answer that comes next.
  #relabelCharColumns() {
    const query = this.pool.query.bind(this.pool)
    return Object.assign(this.pool, {
      query: async (/** @type {pg.QueryArrayConfig} */ config) => {
        const result = await query(config)
        this.#charColumns.clear()
        // A script of several statements has several results, which nobody reads.
        for (const [index, field] of (result.fields ?? []).entries()) {
          if (field.dataTypeID !== CHAR_OID) continue
          this.#charColumns.add(index)
          field.dataTypeID = TEXT_OID
        }
        return result
      },
    })
  }

  /** @param {ResultSet} result */
  #restoreChars(result) {
    for (const index of this.#charColumns) result.columnTypes[index] = ColumnTypeEnum.Character
    return result
  }

  // The WebAssembly engine would wait for ever where the native one gives up.
  async #lock() {
    if (process.env.PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK) return 0
    const lock = `BEGIN; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}; ${LOCK_STATEMENT}; COMMIT`
    try {
      await this.pool.query(lock)
    } catch (error) {
      this.lockError = codeOf(error) === '55P03' ? migrationLockTimeout(this.server) : undefined
      throw adapterError(error)
    }
    return 0
  }

  // adapter-pg splits a script at every semicolon, also inside a function's body. Sent in one
  // piece it is one transaction, as with the native engine.
  /** @param {string} script */
  async #executeScript(script) {
    try {
      await this.pool.query(script)
    } catch (error) {
      if (error instanceof pg.DatabaseError) {
        this.scriptError = error
        this.failedScript = script
      }
      // A script with its own BEGIN leaves an aborted transaction, in which the engine could not
      // record the failure. Elsewhere this does nothing.
      await this.pool.query('ROLLBACK').catch(() => {})
      throw adapterError(error)
    }
  }
}

/**
 * A new empty database in which the engine replays migrations; its adapter's dispose drops it.
 *
 * @param {Database} database
 */
export async function createShadowDatabase(database) {
  const name = `prisma_migrate_shadow_db_${randomUUID()}`
  await database.pool.query(`CREATE DATABASE "${name}"`)
  const shadow = new Database(database.url, name)
  const drop = async () => {
    // A statement that still runs, as after Ctrl-C, would hold up the closing. A worker of autovacuum
    // is not ours to end, nor need it be: dropping the database does.
    await database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE backend_type = 'client backend' AND datname = '${name}' AND state = 'active'`,
    )
    await shadow.close()
    await database.pool.query(`DROP DATABASE IF EXISTS "${name}"`)
  }
  return { adapter: Object.assign(await shadow.adapter(), { dispose: drop }), drop }
}

/** @param {string} url */
export async function createDatabase(url) {
  const name = sessionConfig(url).database
  const maintenance = await connectToMaintenanceDatabase(url)
  try {
    await maintenance.pool.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`)
  } catch (error) {
    // Another deployment was faster, which is as good.
    if (codeOf(error) !== '42P04' && codeOf(error) !== '23505') throw error
  } finally {
    await maintenance.close()
  }
}

/** @param {string} url */
async function connectToMaintenanceDatabase(url) {
  let failure
  for (const name of MAINTENANCE_DATABASES) {
    const maintenance = new Database(url, name)
    try {
      await maintenance.connect()
      return maintenance
    } catch (error) {
      await maintenance.close()
      failure ??= error
      if (codeOf(error) !== 'P1003' && codeOf(error) !== 'P1010') throw error
    }
  }
  throw failure
}

/**
 * @param {string} url
 * @param {string} [database]
 */
function sessionConfig(url, database) {
  assertUrl(url)
  const parsed = new URL(driverUrlOf(url))
  const timeout = Number(parsed.searchParams.get('connect_timeout') ?? CONNECT_TIMEOUT_SECONDS)
  const schema = parsed.searchParams.get('schema')
  if (database !== undefined) parsed.pathname = `/${encodeURIComponent(database)}`
  return {
    connectionString: parsed.href,
    database: decodeURIComponent(parsed.pathname.slice(1)),
    schema,
    connectionTimeoutMillis: timeout * 1000,
    // One session that lives as long as the engine: the lock and every SET belong to it.
    max: 1,
    idleTimeoutMillis: 0,
    // pg's types say that it returns nothing; pg waits for it.
    onConnect: (/** @type {pg.ClientBase} */ client) => client.query(SEARCH_PATH),
  }
}

/** @param {string} url */
function assertUrl(url) {
  try {
    assertUrlRules(url)
  } catch (error) {
    throw error instanceof BrokenUrlRule ? refusedUrl(error.message) : error
  }
}

/**
 * @param {pg.PoolConfig} config
 * @returns {Server}
 */
function serverOf(config) {
  try {
    return new pg.Client(config)
  } catch {
    throw invalidUrl()
  }
}

/** @param {unknown} error */
function adapterError(error) {
  if (!(error instanceof pg.DatabaseError)) return error
  const { code = 'N/A', severity = 'ERROR', message, detail, column, hint } = error
  return new DriverAdapterError({
    kind: 'postgres',
    originalCode: code,
    originalMessage: message,
    ...{ code, severity, message, detail, column, hint },
  })
}
