import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import t, { type Test } from 'tap'
import { buildApp } from '../../src/app.ts'
import { Patrol } from '../../src/http/connections/patrol.ts'
import { testConfig } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { listen, openRaw, rawRequest } from '../helpers/raw.ts'
import { until } from '../helpers/until.ts'

// The promise: what a connection has waiting neither holds up the end of the process, nor keeps the
// connection for ever, nor fills the memory.

async function start(t: Test, environment: Record<string, string> = {}) {
  const { url } = await createTestDatabase(t)
  const app = await buildApp(testConfig(url, environment))
  t.teardown(() => app.close())
  const slow = new EventEmitter()
  app.get('/slow', async () => {
    slow.emit('begun')
    await once(slow, 'release')
    return 'done'
  })
  const begun = once(slow, 'begun')
  return { app, begun, port: await listen(app), release: () => slow.emit('release') }
}

t.test('a close answers what has begun, though requests wait behind it', async (t) => {
  const { app, begun, port, release } = await start(t)
  const client = await openRaw(t, port)
  client.send(rawRequest('GET', '/slow') + rawRequest('GET', '/livez').repeat(3000))
  await begun
  const closed = app.close()
  await until(async () => !app.server.listening)
  release()
  await closed
  const [first, ...others] = await client.answers()
  t.match(first, { status: 200, body: 'done' })
  t.ok(others.length < 3000, `${others.length} more were answered`)
  t.ok(others.every(({ status }) => status === 200 || status === 503))
})

t.test('a paused connection whose client reads nothing is closed in time', async (t) => {
  const { app, port } = await start(t, { CONNECTION_TIMEOUT_MS: '500' })
  const client = await openRaw(t, port, { reads: false })
  const connections = (): Promise<number> =>
    new Promise((resolve, reject) => {
      app.server.getConnections((error, count) => {
        if (error) reject(error)
        else resolve(count)
      })
    })
  client.send(rawRequest('GET', '/documentation/json').repeat(1400))
  await until(async () => (await connections()) === 1)
  await until(async () => (await connections()) === 0, 'the connection to be closed')
  t.pass('closed')
})

async function unreadOn(t: Test): Promise<Socket[]> {
  const sockets: Socket[] = []
  const server = createServer((_request, response) => {
    sockets.push(response.req.socket)
    response.end(Buffer.alloc(sockets.length * 8 * 1024 * 1024))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  for (let i = 1; i <= 3; i += 1) {
    const client = await openRaw(t, port, { reads: false })
    client.send(rawRequest('GET', '/'))
    await until(async () => sockets.length === i)
  }
  return sockets
}

for (const [what, maxBytes, expected] of [
  ['the connection with most unread bytes is cut', 32, [false, false, true]],
  ['control: below the bound none is', 64, [false, false, false]],
] as const) {
  t.test(what, async (t) => {
    const sockets = await unreadOn(t)
    let rounds = 0
    const watched = { stalledLooks: 0, look: () => (rounds += 1) }
    const all = new Map(sockets.map((socket) => [socket, watched]))
    const patrol = new Patrol(all, 100, maxBytes * 1024 * 1024)
    t.teardown(() => {
      patrol.stop()
    })
    patrol.start()
    await until(async () => rounds >= 2 * sockets.length)
    t.same(
      sockets.map(({ destroyed }) => destroyed),
      expected,
    )
  })
}
