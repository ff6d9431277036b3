// @ts-check

/** An error with one of the codes that the Prisma CLI documents. */
export class PrismaError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message)
    this.code = code
  }
}

/**
 * @typedef {object} Server Where a connection went, without its credentials.
 * @property {string} host
 * @property {number} port
 * @property {string | undefined} [user]
 * @property {string | undefined} [database]
 */

/** SQLSTATE → the error that the native engine answers with. */
const CONNECTION_ERRORS = new Map([
  ['28P01', authenticationFailed],
  ['28000', accessDenied],
  ['3D000', databaseMissing],
])

/** @param {Server} server */
function authenticationFailed(server) {
  return new PrismaError(
    'P1000',
    `Authentication failed against database server, the provided database credentials for \`${server.user ?? ''}\` are not valid.\n\nPlease make sure to provide valid database credentials for the database server at \`${server.host}:${server.port}\`.`,
  )
}

/** @param {Server} server */
function accessDenied(server) {
  return new PrismaError(
    'P1010',
    `User \`${server.user ?? ''}\` was denied access on the database \`${server.database ?? ''}\``,
  )
}

/** @param {Server} server */
function databaseMissing(server) {
  return new PrismaError('P1003', `Database \`${server.database ?? ''}\` does not exist`)
}

/** @param {Server} server */
function unreachable(server) {
  return new PrismaError(
    'P1001',
    `Can't reach database server at \`${server.host}:${server.port}\`\n\nPlease make sure your database server is running at \`${server.host}:${server.port}\`.`,
  )
}

export function invalidUrl() {
  // The URL stays out of the message: it holds the password.
  return new PrismaError(
    'P1013',
    'The provided database string is invalid. Characters in the user name and the password may have to be percent-encoded.',
  )
}

/** @param {string} rule */
export function refusedUrl(rule) {
  return new PrismaError('P1013', `DATABASE_URL ${rule}`)
}

/** @param {Server} server */
export function migrationLockTimeout(server) {
  return new PrismaError(
    'P1002',
    `The database server at \`${server.host}:${server.port}\` was reached but timed out.\n\nPlease try again.\n\nContext: Timed out waiting for the lock which another migration holds (pg_advisory_lock(72707369)).`,
  )
}

/**
 * @param {string} migrationName
 * @param {string} script
 * @param {import('pg').DatabaseError} error
 */
export function migrationFailed(migrationName, script, error) {
  const lines = [`ERROR: ${error.message}`]
  if (error.detail) lines.push(`DETAIL: ${error.detail}`)
  if (error.hint) lines.push(`HINT: ${error.hint}`)
  if (error.where) lines.push(`CONTEXT: ${error.where}`)
  if (error.position) lines.push(`LINE: ${lineOf(script, Number(error.position))}`)
  return new PrismaError(
    'P3018',
    `A migration failed to apply. New migrations cannot be applied before the error is recovered from. Read more about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve\n\nMigration name: ${migrationName}\n\nDatabase error code: ${error.code ?? 'none'}\n\nDatabase error:\n${lines.join('\n')}\n`,
  )
}

/**
 * @param {string} script
 * @param {number} position counted in characters, from 1
 */
function lineOf(script, position) {
  return script.slice(0, position).split('\n').length
}

/**
 * @param {unknown} error what `pg` threw while it connected
 * @param {Server} server
 */
export function connectionError(error, server) {
  if (!(error instanceof Error)) return unreachable(server)
  const code = codeOf(error)
  const known = code === undefined ? undefined : CONNECTION_ERRORS.get(code)
  if (known) return known(server)
  // `pg` says so where the server wants a password and the URL has none.
  if (error.message.startsWith('SASL')) return authenticationFailed(server)
  if (/\bssl\b|certificate/i.test(error.message)) {
    return new PrismaError('P1011', `Error opening a TLS connection: ${error.message}`)
  }
  // A server that is starting, stopping or full answers with a SQLSTATE and a clear text.
  return 'severity' in error ? error : unreachable(server)
}

/**
 * @param {unknown} error
 * @returns {string | undefined}
 */
export function codeOf(error) {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
