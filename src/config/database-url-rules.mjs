// @ts-check
// JavaScript, as the schema engine (tools/schema-engine/) runs it without a build: the service and the
// migrations hold DATABASE_URL to the same rules.
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'

/** What pg takes as `sslmode`. It takes others for `verify-full`, which is not what they say. */
const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify']
/** pg treats these like `verify-full`, and warns at each start that it will not do so for ever. */
const ALIASES = ['prefer', 'require', 'verify-ca']
const SSL_SWITCHES = ['true', '1', '0', 'no-verify']
const SSL_FILES = ['sslrootcert', 'sslcert', 'sslkey']

/** The rule that a URL of a database breaks. Its message never repeats the URL: it holds a password. */
export class BrokenUrlRule extends Error {}

/**
 * Checks what of DATABASE_URL can be wrong before there is a database.
 *
 * @param {string} value
 * @returns {void}
 * @throws {BrokenUrlRule} with a message that goes on after "DATABASE_URL"
 */
export function assertUrlRules(value) {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url?.protocol !== 'postgres:' && url?.protocol !== 'postgresql:') {
    throw new BrokenUrlRule(
      'must be a URL of the form postgresql://user:password@host:5432/database',
    )
  }
  if (url.pathname.length < 2) throw new BrokenUrlRule('must name a database')
  if (!isPercentEncoded(url.username + url.password + url.pathname)) {
    throw new BrokenUrlRule('must have % written as %25 in user and password')
  }
  assertSchema(url.searchParams)
  assertTls(url.searchParams)
}

/**
 * The URL as pg is given it: the same meaning, without a warning for it.
 *
 * @param {string} value a URL that keeps the rules
 * @returns {string}
 */
export function driverUrlOf(value) {
  const url = new URL(value)
  const mode = url.searchParams.get('sslmode')
  if (mode === null || !ALIASES.includes(mode) || isLikeLibpq(url.searchParams)) return value
  url.searchParams.set('sslmode', 'verify-full')
  return url.href
}

/**
 * The triggers of the migrations name their tables in this schema.
 *
 * @param {URLSearchParams} parameters
 */
function assertSchema(parameters) {
  if (parameters.getAll('schema').some((schema) => schema !== 'public')) {
    throw new BrokenUrlRule('must not name a schema other than public: the tables are made there')
  }
}

/** @param {URLSearchParams} parameters */
function assertTls(parameters) {
  assertOneOf(parameters, 'sslmode', SSL_MODES)
  assertOneOf(parameters, 'ssl', SSL_SWITCHES)
  assertOneOf(parameters, 'sslnegotiation', ['postgres', 'direct'])
  const [ca, cert, key] = SSL_FILES.map((name) => readFileOf(parameters, name))
  if (isLikeLibpq(parameters) && parameters.get('sslmode') === 'verify-ca' && ca === undefined) {
    throw new BrokenUrlRule('must name a file in sslrootcert for verify-ca')
  }
  try {
    createSecureContext({ ca, cert, key })
  } catch (error) {
    throw new BrokenUrlRule(
      `must name valid PEM files in ${SSL_FILES.join(', ')}: ${messageOf(error)}`,
    )
  }
}

/**
 * @param {URLSearchParams} parameters
 * @param {string} name
 * @param {readonly string[]} allowed
 */
function assertOneOf(parameters, name, allowed) {
  if (parameters.getAll(name).some((value) => !allowed.includes(value))) {
    throw new BrokenUrlRule(`must have one of ${allowed.join(', ')} as ${name}`)
  }
}

/**
 * @param {URLSearchParams} parameters
 * @param {string} name
 */
function readFileOf(parameters, name) {
  const path = parameters.get(name)
  if (path === null || path === '') return undefined
  try {
    return readFileSync(path)
  } catch (error) {
    throw new BrokenUrlRule(`must name a readable file as ${name}: ${messageOf(error)}`)
  }
}

/**
 * pg's own parameter for the meaning that the modes have in PostgreSQL's own client library.
 *
 * @param {URLSearchParams} parameters
 */
function isLikeLibpq(parameters) {
  return parameters.get('uselibpqcompat') === 'true'
}

/** @param {string} text */
function isPercentEncoded(text) {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error)
}
