import t from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { reserveOver } from '../helpers/race.ts'
import { runRaces } from '../helpers/races.ts'

t.test('one process', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database })
  const baseUrl = await app.listen({ port: 0 })
  runRaces(t, database, reserveOver([baseUrl]))
})
