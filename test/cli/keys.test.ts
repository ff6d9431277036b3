import t from 'tap'
import { runKeys } from '../../src/cli/keys.ts'
import { testConfig } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'

t.test('only what the database failed with is told as its failure', async (t) => {
  const { url } = await createTestDatabase(t)
  const full = new RangeError('nowhere to write to')
  const output = {
    print: () => {
      throw full
    },
    hint: () => undefined,
  }
  const create = {
    type: 'create',
    tenantId: 'acme',
    name: 'Ann',
    scopes: ['admin'],
    expiresAt: null,
  } as const
  await t.rejects(runKeys(create, testConfig(url).database, output), full)
  const { database } = testConfig('postgresql://ann:hidden@127.0.0.1:1/x')
  const away = 'The database at 127.0.0.1:1 does not answer'
  await t.rejects(runKeys(create, database, output), { name: 'CliError', message: away })
})
