import type pg from 'pg'
import { DEFAULT_TENANT } from '../../src/domain/access.ts'
import { createKey } from '../helpers/keys.ts'

/**
 * A key that allows everything. That it is used is known already: otherwise a refused request would
 * change its row.
 */
export async function createFuzzKey(pool: pg.Pool): Promise<string> {
  const { id, key } = await createKey(pool, { tenant: DEFAULT_TENANT })
  await pool.query(`UPDATE api_keys SET last_used_at = now() + interval '1 year' WHERE id = $1`, [
    id,
  ])
  return key
}
