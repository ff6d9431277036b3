// @ts-check
/// <reference lib="dom" />
import { readFile } from 'node:fs/promises'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg'
import { createShadowDatabase, Database } from './database.mjs'
import { migrationFailed, PrismaError } from './errors.mjs'
import { offlineAdapter } from './offline-adapter.mjs'

/** @typedef {{ tag: string }} DiffTarget */
/** @typedef {{ path: string, migrationFile: { content: { value: string } } }} Migration */
/**
 * @typedef {object} Params The members that matter here; the engine validates the rest.
 * @property {DiffTarget} [from]
 * @property {DiffTarget} [to]
 * @property {{ migrationDirectories: Migration[] }} [migrationsList]
 */

const METHODS = new Set([
  'applyMigrations',
  'createMigration',
  'dbExecute',
  'debugPanic',
  'devDiagnostic',
  'diagnoseMigrationHistory',
  'diff',
  'ensureConnectionValidity',
  'evaluateDataLoss',
  'introspect',
  'introspectSql',
  'markMigrationApplied',
  'markMigrationRolledBack',
  'reset',
  'schemaPush',
  'version',
])

/** The commands of the schema engine, on the database that a URL names. */
export class SchemaEngine {
  /** @type {Database | undefined} */
  #database

  /** @type {Map<boolean, Promise<glue.SchemaEngine>>} */
  #engines = new Map()

  /** @type {Set<() => Promise<void>>} */
  #shadowDatabases = new Set()

  /**
   * @param {string | undefined} url
   * @param {string[]} datamodelPaths
   */
  constructor(url, datamodelPaths) {
    this.url = url
    this.datamodelPaths = datamodelPaths
  }

  /**
   * @param {string} method
   * @param {Params} params
   * @returns {Promise<unknown>}
   */
  async run(method, params) {
    if (!METHODS.has(method)) throw new Error(`Unknown method ${method}`)
    try {
      return await catchPanic(async () => {
        const engine = await this.#engine(needsDatabase(method, params))
        // Alone of all commands this one cannot open a shadow database, and fails where migrations
        // were applied since the last diagnosis. A new diagnosis leaves it what it needs.
        if (method === 'evaluateDataLoss') await call(engine, 'devDiagnostic', params)
        return call(engine, method, params)
      })
    } catch (error) {
      throw this.#explain(error, params)
    }
  }

  async close() {
    for (const drop of this.#shadowDatabases) await drop()
    await this.#database?.close()
  }

  /** @param {boolean} connected */
  #engine(connected) {
    const engine = this.#engines.get(connected) ?? this.#start(connected)
    this.#engines.set(connected, engine)
    return engine
  }

  /** @param {boolean} connected */
  async #start(connected) {
    const datamodels = await Promise.all(this.datamodelPaths.map(readDatamodel))
    const database = connected ? await this.#connect() : undefined
    const factory = bindMigrationAwareSqlAdapterFactory({
      provider: 'postgres',
      adapterName: '@prisma/adapter-pg',
      connect: async () => database?.adapter() ?? offlineAdapter,
      connectToShadowDb: () => this.#connectToShadowDatabase(),
    })
    await loadEngine()
    return glue.SchemaEngine.new(
      // The engine panics on an empty list.
      { datamodels: datamodels.length > 0 ? datamodels : undefined },
      (/** @type {string} */ line) => process.stderr.write(line),
      factory,
    )
  }

  async #connect() {
    if (!this.url) throw new PrismaError('P1012', 'This command needs DATABASE_URL.')
    this.#database ??= new Database(this.url)
    await this.#database.connect()
    return this.#database
  }

  async #connectToShadowDatabase() {
    const { adapter, drop } = await createShadowDatabase(await this.#connect())
    this.#shadowDatabases.add(drop)
    const dispose = () => {
      this.#shadowDatabases.delete(drop)
      return drop()
    }
    return Object.assign(adapter, { dispose })
  }

  // The engine reports what an adapter throws as "external connector error" with a Rust trace.
  /**
   * @param {unknown} error
   * @param {Params} params
   */
  #explain(error, params) {
    const { lockError, scriptError, failedScript } = this.#database ?? {}
    if (lockError) return lockError
    const migration = params.migrationsList?.migrationDirectories.find(
      ({ migrationFile }) => migrationFile.content.value === failedScript,
    )
    if (!scriptError || !failedScript || !migration) return error
    return migrationFailed(migration.path, failedScript, scriptError)
  }
}

/**
 * @param {glue.SchemaEngine} engine
 * @param {string} method
 * @param {Params} params
 * @returns {Promise<unknown>}
 */
function call(engine, method, params) {
  return Reflect.get(engine, method).call(engine, params)
}

export async function engineVersion() {
  await loadEngine()
  return glue.version()
}

/**
 * Two schema files can be compared where there is no database.
 *
 * @param {string} method
 * @param {Params} params
 */
function needsDatabase(method, { from, to }) {
  return method !== 'diff' || [from, to].some((target) => target?.tag === 'schemaDatasource')
}

/**
 * @param {string} path
 * @returns {Promise<[string, string]>}
 */
async function readDatamodel(path) {
  return [path, await readFile(path, 'utf8')]
}

// A panic of the engine mostly surfaces as an exception that no promise carries. Unanswered, the
// CLI would wait, find nothing left to do, and exit with 0.
/**
 * @param {() => Promise<unknown>} command
 * @returns {Promise<unknown>}
 */
async function catchPanic(command) {
  const panic = new Promise((_resolve, reject) => {
    process.setUncaughtExceptionCaptureCallback(reject)
  })
  try {
    return await Promise.race([command(), panic])
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error
    throw new Error(`The schema engine panicked: ${panics.at(-1) ?? error.message}`, {
      cause: error,
    })
  } finally {
    process.setUncaughtExceptionCaptureCallback(null)
  }
}

/** @type {string[]} */
const panics = []

/** @type {Promise<void> | undefined} */
let loading

function loadEngine() {
  loading ??= instantiate()
  return loading
}

async function instantiate() {
  const wasm = new URL('schema_engine_bg.wasm', import.meta.resolve('@prisma/schema-engine-wasm'))
  const imports = { './schema_engine_bg.js': { ...glue } }
  // The engine looks this object up by name as it panics.
  const registry = { set_message: (/** @type {string} */ message) => panics.push(message) }
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: registry })
  const { instance } = await WebAssembly.instantiate(await readFile(wasm), imports)
  glue.__wbg_set_wasm(instance.exports)
  const start = instance.exports.__wbindgen_start
  if (typeof start === 'function') start()
}
