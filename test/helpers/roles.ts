import { randomBytes } from 'node:crypto'
import pg from 'pg'
import type { Test } from 'tap'
import type { TestDatabase } from './database.ts'

export interface TestRole {
  readonly name: string
  /** The name as SQL has it. */
  readonly identifier: string
  /** The test's database, for a session of the role's. */
  readonly url: string
}

/**
 * A role that may log in, and nothing else. When the test ends it is dropped, with what it was granted.
 *
 * @param prefix - what its name begins with; one that has to be quoted makes a name that has to be
 */
export async function createRole(
  t: Test,
  { url, pool }: TestDatabase,
  prefix = 'role',
): Promise<TestRole> {
  const name = `${prefix}_${randomBytes(6).toString('hex')}`
  const identifier = pg.escapeIdentifier(name)
  const password = randomBytes(6).toString('hex')
  await pool.query(`CREATE ROLE ${identifier} LOGIN PASSWORD '${password}'`)
  t.teardown(() =>
    pool.query(
      `REASSIGN OWNED BY ${identifier} TO CURRENT_USER; DROP OWNED BY ${identifier}; DROP ROLE ${identifier}`,
    ),
  )
  const itsUrl = new URL(url)
  itsUrl.username = name
  itsUrl.password = password
  return { name, identifier, url: itsUrl.href }
}
