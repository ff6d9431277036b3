#!/usr/bin/env node
// @ts-check

// The Prisma CLI starts its schema engine as a program, and by default downloads a native one.
// This is such a program around the same engine as WebAssembly, which comes from npm. It speaks
// JSON-RPC 2.0, one message a line, on stdin and stdout.

import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createDatabase, Database } from './schema-engine/database.mjs'
import { engineVersion, SchemaEngine } from './schema-engine/engine.mjs'
import { codeOf } from './schema-engine/errors.mjs'

const ENGINE_ERROR = 4466
const SHUTDOWN_TIMEOUT_MS = 4_000

/**
 * @typedef {object} Message
 * @property {string | number} [id]
 * @property {string} [method]
 * @property {object} [params]
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    datamodels: { type: 'string', short: 'd', multiple: true, default: [] },
    datasource: { type: 'string', default: '{}' },
    'enabled-preview-features': { type: 'string' },
    'extension-types': { type: 'string' },
    version: { type: 'boolean', short: 'V', default: false },
  },
})

/** @type {{ url?: string }} */
const { url } = JSON.parse(values.datasource)

// The CLI parses every line of stderr as JSON.
process.removeAllListeners('warning')

if (values.version) process.stdout.write(`schema-engine-cli ${await engineVersion()}\n`)
else if (positionals[0] === 'cli') await runOnce(positionals[1], url ?? '')
else await serve(new SchemaEngine(url, values.datamodels))

/** @param {SchemaEngine} engine */
async function serve(engine) {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void shutDown(engine))
  for await (const line of createInterface({ input: process.stdin })) {
    /** @type {Message} */
    const message = JSON.parse(line)
    // A message without a method answers a `print`: nothing waits for it.
    if (message.method) await answer(engine, message, message.method)
  }
  await engine.close()
}

/**
 * @param {SchemaEngine} engine
 * @param {Message} message
 * @param {string} method
 */
async function answer(engine, { id, params = {} }, method) {
  try {
    const result = await engine.run(method === 'getDatabaseVersion' ? 'version' : method, params)
    send({ id, result: method === 'diff' ? print(result) : (result ?? {}) })
  } catch (error) {
    send({ id, error: rpcError(error) })
  }
}

// The native engine lets the CLI print a diff, and the CLI ignores the text in the result.
/** @param {unknown} diff */
function print(diff) {
  if (!isObject(diff) || typeof diff.stdout !== 'string') return diff
  send({ id: 'print', method: 'print', params: { content: diff.stdout.replace(/\n$/, '') } })
  return { ...diff, stdout: null }
}

/** @param {object} message */
function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
}

/** @param {unknown} error */
function rpcError(error) {
  const data = { is_panic: false, message: messageOf(error), error_code: codeOf(error) }
  return { code: ENGINE_ERROR, message: data.message, data }
}

/**
 * The two commands that the CLI runs without JSON-RPC, to tell whether the database is there.
 *
 * @param {string | undefined} command
 * @param {string} databaseUrl
 */
async function runOnce(command, databaseUrl) {
  // The CLI skips the first line.
  log('INFO', { message: 'Starting schema engine CLI' })
  try {
    if (command === 'create-database') await createDatabase(databaseUrl)
    else if (command === 'can-connect-to-database') await canConnect(databaseUrl)
    else throw new Error(`Unknown command ${command}`)
  } catch (error) {
    log('ERROR', { message: messageOf(error), error_code: codeOf(error) ?? '', is_panic: false })
    process.exitCode = 1
  }
}

/** @param {string} databaseUrl */
async function canConnect(databaseUrl) {
  const database = new Database(databaseUrl)
  try {
    await database.connect()
  } finally {
    await database.close()
  }
}

/**
 * The CLI closes stdin and at once sends SIGTERM. A shadow database must not stay behind.
 *
 * @param {SchemaEngine} engine
 */
async function shutDown(engine) {
  await Promise.race([engine.close().catch(() => {}), sleep(SHUTDOWN_TIMEOUT_MS)])
  process.exit()
}

/**
 * @param {string} level
 * @param {Record<string, unknown>} fields
 */
function log(level, fields) {
  const timestamp = new Date().toISOString()
  const entry = { timestamp, level, fields, target: 'schema_engine::logger' }
  process.stderr.write(`${JSON.stringify(entry)}\n`)
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error)
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return typeof value === 'object' && value !== null
}
