import { execFile } from 'node:child_process'
import { chown, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { startEmbeddedDatabase } from '../../tools/embedded/index.ts'
import { createTestApp } from '../helpers/app.ts'
import { execute } from '../helpers/sql.ts'
import { until } from '../helpers/until.ts'

const run = promisify(execFile)

/** The database of this server is empty: whoever reaches it is told that. */
const REACHED = { error: 'Database migrations are pending' }
const NOT_REACHED = { error: 'The database is unavailable; try again later' }

const CERTIFICATE = ['req', '-x509', '-nodes', '-newkey', 'rsa:2048', '-days', '2']
const ITS_HOST = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']

t.test('TLS to the database, and none where it is asked for', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'reservation-tls-'))
  t.teardown(() => rm(dir, { recursive: true, force: true }))
  const dataDir = join(dir, 'postgres')
  const database = await startEmbeddedDatabase({ dataDir })
  t.teardown(() => database.stop())
  const { url } = database

  /** What the service says of its database if its URL has these parameters. */
  async function readiness(parameters: string): Promise<unknown> {
    const app = await createTestApp(t, { database: { url: `${url}?${parameters}` } })
    const ready = await app.inject('/readyz')
    t.equal(ready.statusCode, 503)
    t.equal((await app.inject('/api/events/1')).statusCode, 503, 'nothing hangs')
    await app.close()
    return ready.json()
  }

  t.same(await readiness('sslmode=disable'), REACHED)
  for (const mode of ['prefer', 'require', 'verify-ca', 'verify-full', 'no-verify']) {
    t.same(await readiness(`sslmode=${mode}`), NOT_REACHED, `${mode}, of a server without TLS`)
  }

  const [certificate, key] = [join(dir, 'server.crt'), join(dir, 'server.key')]
  await run('openssl', [...CERTIFICATE, ...ITS_HOST, '-keyout', key, '-out', certificate])
  const { uid, gid } = await stat(join(dataDir, 'cluster'))
  for (const path of [dir, key, certificate]) await chown(path, uid, gid)
  await execute(url, `ALTER SYSTEM SET ssl_cert_file = '${certificate}'`)
  await execute(url, `ALTER SYSTEM SET ssl_key_file = '${key}'`)
  await execute(url, 'ALTER SYSTEM SET ssl = on')
  await execute(url, 'SELECT pg_reload_conf()')
  await until(async () => (await execute(url, 'SHOW ssl'))[0]?.['ssl'] === 'on', 'TLS')

  t.same(await readiness('sslmode=no-verify'), REACHED)
  t.same(await readiness('sslmode=require&uselibpqcompat=true'), REACHED)
  for (const mode of ['prefer', 'require', 'verify-ca', 'verify-full']) {
    t.same(await readiness(`sslmode=${mode}`), NOT_REACHED, `${mode}, with nobody to vouch for it`)
    t.same(await readiness(`sslmode=${mode}&sslrootcert=${certificate}`), REACHED, mode)
  }
})
