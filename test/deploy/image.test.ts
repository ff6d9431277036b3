import t from 'tap'
import { createTestDatabase } from '../helpers/database.ts'
import { freePort } from '../helpers/free-port.ts'
import { until } from '../helpers/until.ts'
import {
  buildImages,
  contentOf,
  inspect,
  MIGRATE_IMAGE,
  runToEnd,
  SERVICE_IMAGE,
  startContainer,
} from './containers.ts'

const skip =
  process.env.IMAGE_TEST !== '1' &&
  'building images takes minutes, and needs buildah, podman, runc and mmdebstrap: npm run image:check'

/** Prints the names of those that are there, each in a line. */
const there = (...paths: string[]) => [
  'sh',
  '-c',
  'for path; do test ! -e "$path" || echo "$path"; done',
  'sh',
  ...paths,
]

void t.test('the images', { skip, timeout: 3_600_000 }, async (t) => {
  t.equal(await buildImages(), 0, 'are built')
  const { url, pool } = await createTestDatabase(t, { template: 'empty' })
  const variables = { DATABASE_URL: url }

  await t.test('have what they need, and nothing else', async (t) => {
    const unwanted = [
      'src',
      'test',
      'tools',
      '.npmrc',
      'node_modules/typescript',
      'node_modules/tap',
    ]
    const seen = await runToEnd(SERVICE_IMAGE, there('dist/server.js', 'dist/cli.js', ...unwanted))
    t.same(seen.trim().split('\n'), ['dist/server.js', 'dist/cli.js'])
    // Where it was lent to the build there may be an empty file in its place.
    for (const image of [SERVICE_IMAGE, MIGRATE_IMAGE]) {
      t.equal(
        await contentOf(image, '/usr/local/etc/npmrc'),
        '',
        "npm's configuration stays outside",
      )
    }
    t.match(await inspect(SERVICE_IMAGE, '.Config'), {
      User: 'node',
      ExposedPorts: { '8000/tcp': {}, '9464/tcp': {} },
      Env: /NODE_ENV=production/,
    })
    t.match(await inspect(SERVICE_IMAGE, '.HealthCheck'), { Test: ['CMD', 'node', '-e'] })
  })

  await t.test('the one for migrations brings an empty database up to date', async (t) => {
    t.match(await runToEnd(MIGRATE_IMAGE, [], variables), 'successfully applied')
    const status = await runToEnd(MIGRATE_IMAGE, ['migrate', 'status'], variables)
    t.match(status, 'Database schema is up to date')
  })

  await t.test('the other one makes a key, and serves who has it', async (t) => {
    const create = ['keys', 'create', '--tenant', 'acme', '--scopes', 'admin']
    const printed = await runToEnd(SERVICE_IMAGE, ['node', 'dist/cli.js', ...create], variables)
    const key = /\brsv_[\w-]+/.exec(printed)?.[0]
    t.ok(key, 'the key is printed')

    const metricsPort = await freePort()
    const service = await startContainer(t, { ...variables, METRICS_PORT: String(metricsPort) })
    const ask = (path: string, body?: object, credential = key) =>
      fetch(`${service.url}${path}`, {
        headers: {
          ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { method: 'POST', body: JSON.stringify(body) }),
      })
    // On a busy machine the first look at the database may be late: a probe asks again too.
    await until(async () => (await ask('/readyz')).status === 200, 'that it is ready')
    const metrics = await fetch(`http://127.0.0.1:${metricsPort}/metrics`)
    t.equal(metrics.status, 200)
    t.match(await metrics.text(), /^reservation_ready 1$/m)
    t.equal((await ask('/metrics')).status, 404, 'they are not on the port of the API')
    t.equal((await ask('/api/events', undefined, '')).status, 401)

    const event = await (await ask('/api/events', { name: 'Concert', total_seats: 1 })).json()
    const booking = { event_id: event.id, user_id: 'ann' }
    t.equal((await ask('/api/bookings/reserve', booking)).status, 201)
    t.equal((await ask('/api/bookings/reserve', { ...booking, user_id: 'ben' })).status, 409)
    t.match((await pool.query('SELECT user_id FROM bookings')).rows, [{ user_id: 'ann' }])
    t.equal(await service.stop(), 0, 'it ends by itself when it is told to')
  })
})
