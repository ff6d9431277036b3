import fc from 'fast-check'
import t from 'tap'
import { readArguments, UsageError } from '../../src/cli/arguments.ts'
import { ConfigurationError } from '../../src/config/configuration-error.ts'
import { tokenIssuersOf } from '../../src/config/token-issuers.ts'
import { isTenantName } from '../../src/domain/access.ts'
import { createTestDatabase } from '../helpers/database.ts'

// What a tenant may be called is written in three places that can't see each other.

/** Names that are right, that almost are, and any. */
const name = fc.oneof(
  fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,64}$/),
  fc.string({ unit: fc.constantFrom('a', '0', '_', '-', 'A', ' ', '\n', 'é', '.'), maxLength: 3 }),
  fc.string({ unit: 'binary', maxLength: 70 }),
)

/** Whether it is taken; anything else than a refusal of that kind is thrown. */
function takes(
  ask: () => unknown,
  Refusal: typeof UsageError | typeof ConfigurationError,
): boolean {
  try {
    ask()
    return true
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}

function configurationTakes(tenant: string): boolean {
  const issuer = {
    tenant,
    issuer: 'https://id.example',
    audience: 'reservations',
    jwks_url: 'https://id.example/jwks.json',
  }
  const environment = { AUTH: 'keys', TOKEN_ISSUERS: JSON.stringify([issuer]) } as const
  return takes(() => tokenIssuersOf(environment), ConfigurationError)
}

function commandLineTakes(tenant: string): boolean {
  return takes(() => readArguments(['keys', 'list', `--tenant=${tenant}`]), UsageError)
}

t.test('a name of a tenant is one everywhere', async (t) => {
  let right = 0
  fc.assert(
    fc.property(name, (tenant) => {
      const isRight = isTenantName(tenant)
      if (isRight) right += 1
      return configurationTakes(tenant) === isRight && commandLineTakes(tenant) === isRight
    }),
    { numRuns: 200 },
  )
  t.ok(right > 20, `${right} names were right`)
})

t.test('in the database too', async (t) => {
  const { pool } = await createTestDatabase(t)
  // PostgreSQL has neither NUL nor lone surrogates.
  const names = fc
    .sample(name, 1000)
    .filter((tenant) => tenant.isWellFormed() && !tenant.includes('\0'))
  const { rows } = await pool.query<{ rule: string }>(
    `SELECT pg_get_expr(conbin, conrelid) AS rule FROM pg_constraint
     WHERE conname = 'api_keys_tenant_id_check'`,
  )
  const { rows: taken } = await pool.query<{ tenant_id: string; is_right: boolean }>(
    `SELECT tenant_id, ${rows[0]?.rule} AS is_right FROM unnest($1::text[]) AS tenant_id`,
    [names],
  )
  t.equal(taken.length, names.length)
  const apart = taken.filter((row) => isTenantName(row.tenant_id) !== row.is_right)
  t.strictSame(apart, [])
  t.ok(taken.filter((row) => row.is_right).length > 100)
})
