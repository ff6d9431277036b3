import t from 'tap'
import { ALONE, PATIENT } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { askAt, askByCache, changingThings, countStale } from '../helpers/freshness.ts'
import { startProxy } from '../helpers/proxy.ts'
import { startService } from '../helpers/service.ts'

// The promise: whoever has changed something sees it in the next read, on whichever process, also
// while reads of it are under way and others wait to share the next one.

t.test('two processes on one database', async (t) => {
  const database = await createTestDatabase(t)
  const proxy = await startProxy(t, database.url)
  const services = await Promise.all(
    [1, 2].map(() => startService(t, proxy.url, { ...PATIENT, ...ALONE })),
  )
  const processes = services.map(({ baseUrl }) => askAt(baseUrl))

  t.test('the next read shows what was changed, on both', async (t) => {
    for (const [name, thing] of Object.entries(await changingThings(database))) {
      let statements = 0
      proxy.judge = (sql) => {
        if (thing.statement !== undefined && sql.includes(thing.statement)) statements += 1
        return 'pass'
      }
      const { reads, stale, answers } = await countStale(processes, thing)
      t.equal(stale, 0, `${name}: none of ${reads} reads is older than the change before it`)
      if (thing.statement === undefined) continue
      t.ok(statements > 0, `${name} is read`)
      t.ok(statements < answers / 2, `${name}: ${answers} answers by ${statements} statements`)
    }
  })

  t.test('the control: by a cache that is told of no change it does not', async (t) => {
    const caches = processes.map((ask) => askByCache(ask))
    for (const [name, thing] of Object.entries(await changingThings(database))) {
      const { reads, stale } = await countStale(caches, thing)
      t.ok(stale > 0, `${name}: ${stale} of ${reads} reads are older than the change before them`)
    }
  })
})
