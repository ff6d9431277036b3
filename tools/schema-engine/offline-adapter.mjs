// @ts-check

/** @typedef {import('@prisma/driver-adapter-utils').SqlDriverAdapter} Adapter */
/** @typedef {import('@prisma/driver-adapter-utils').SqlResultSet} ResultSet */

const BOOLEAN = 5
const TEXT = 7
const INT32 = 0

/**
 * The engine asks once, as it starts, whether its schema exists and which server it talks to,
 * also for a command that then needs no database. This answers as PostgreSQL would.
 *
 * @type {Adapter}
 */
export const offlineAdapter = {
  provider: 'postgres',
  adapterName: '@prisma/adapter-pg',
  queryRaw: async (query) => (query.sql.includes('server_version_num') ? identity() : refuse()),
  executeRaw: async () => refuse(),
  executeScript: async () => refuse(),
  startTransaction: async () => refuse(),
  dispose: async () => {},
}

/** @returns {ResultSet} */
function identity() {
  return {
    columnNames: ['exists', 'version', 'numeric_version'],
    columnTypes: [BOOLEAN, TEXT, INT32],
    rows: [[true, 'PostgreSQL 18.0', 180_000]],
  }
}

/** @returns {never} */
function refuse() {
  throw new Error('This command needs a database')
}
