import t from 'tap'
import { PATIENT } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { reserveOver } from '../helpers/race.ts'
import { startService } from '../helpers/service.ts'
import { runRaces } from '../helpers/races.ts'

t.test('two processes on one database', async (t) => {
  const database = await createTestDatabase(t)
  const services = await Promise.all([1, 2].map(() => startService(t, database.url, PATIENT)))
  runRaces(t, database, reserveOver(services.map(({ baseUrl }) => baseUrl)))
})
