import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import t, { type Test } from 'tap'
import { Connection } from '../../src/http/connections/connection.ts'
import { affordableConnections, maxDescriptors } from '../../src/http/connections/descriptors.ts'
import { ServerFactory } from '../../src/http/connections/server-factory.ts'
import { createTestApp, testConfig } from '../helpers/app.ts'
import { exchange, listen, openRaw, rawRequest, type RawClient } from '../helpers/raw.ts'
import { until } from '../helpers/until.ts'

// The promise: connections have a bound of their own, and whoever only holds them open does not
// shut others out.

const MAX = 20

t.test('more connections than the bound are told so, and closed', async (t) => {
  const app = await createTestApp(t, { environment: { MAX_CONNECTIONS: String(MAX) } })
  const port = await listen(app)
  const clients: RawClient[] = []
  // On a slow machine the first ones may have had to go before the last one is there.
  const refused = await until(async () => {
    const client = await openIdle(t, port)
    if (client.received().startsWith('HTTP/1.1 503')) return client
    clients.push(client)
    return undefined
  }, 'a refusal')
  const [refusal, ...others] = await refused.answers()
  t.same(others, [])
  t.match(refusal, {
    status: 503,
    head: /^retry-after: 1$/im,
    body: '{"error":"The service is overloaded; try again later"}',
  })
  t.match(refusal?.head, /^connection: close$/im)

  // Those that are idle have to go, a tenth of all, and then there is room.
  const answers = await until(async () => {
    const found = await exchange(
      t,
      port,
      rawRequest('GET', '/livez', { headers: ['Connection: close'] }),
    )
    return found[0]?.status === 200 && found
  }, 'an answer')
  t.equal(answers.length, 1)
  await until(async () => clients.some(({ socket }) => socket.readableEnded || socket.destroyed))
  const open = clients.filter(({ socket }) => !socket.readableEnded && !socket.destroyed)
  t.ok(open.length >= MAX / 2, `${open.length} were left alone`)
})

for (const [what, bytes, reads] of [
  ['whose head never ends', 'GET / HTTP/1.1\r\nX: ', true],
  [
    'whose body never ends',
    'POST /api/events HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n',
    true,
  ],
  ['whose answers are not read', rawRequest('GET', '/documentation/json').repeat(400), false],
] as const) {
  t.test(`connections ${what} make room, oldest first`, async (t) => {
    const app = await createTestApp(t, { environment: { MAX_CONNECTIONS: String(MAX) } })
    const port = await listen(app)
    const clients: RawClient[] = []
    const gone = new Set<RawClient>()
    for (let i = 0; i < MAX; i += 1) {
      const client = await openRaw(t, port, { reads })
      client.socket.once('close', () => gone.add(client))
      client.send(bytes)
      clients.push(client)
    }
    // A byte now and then is no progress.
    const trickle = setInterval(() => {
      for (const { socket } of clients) if (reads && socket.writable) socket.write('x')
    }, 50)
    t.teardown(() => {
      clearInterval(trickle)
    })
    await until(async () => {
      const close = rawRequest('GET', '/livez', { headers: ['Connection: close'] })
      return (await exchange(t, port, close))[0]?.status === 200
    }, 'an answer')
    if (reads) t.ok([...gone].every((client) => clients.indexOf(client) < MAX / 2))
    else t.pass('answered')
  })
}

t.test('whoever is refused can read it, whatever it has sent', async (t) => {
  const { http } = testConfig('postgresql://nobody@localhost/none', { MAX_CONNECTIONS: '1' })
  const servers = new ServerFactory(http)
  t.teardown(() => servers.close())
  const server = servers.create((_request, response) => response.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const filling = once(server, 'connection')
  await openRaw(t, port)
  await filling
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const client = await openRaw(t, port)
  const bytes = rawRequest('GET', '/livez').repeat(20_000)
  client.send(bytes)
  const [socket] = await accepted
  if (!socket.destroyed) await once(socket, 'close')
  // With bytes unread the system resets the connection, and the client loses what it has not read.
  t.equal(socket.bytesRead, bytes.length)
  const answers = await client.answers()
  t.match(answers, [{ status: 503 }])
  t.equal(answers.length, 1)
})

t.test('whoever has just come is not stalled, though he has asked for nothing yet', async (t) => {
  const server = createServer()
  t.teardown(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const accepted = once(server, 'connection') as Promise<[Socket]>
  await openRaw(t, (server.address() as AddressInfo).port)
  const [socket] = await accepted
  const nothing = (): void => undefined
  const surroundings = { handle: nothing, maxDue: () => 1, countHeld: nothing, takeTurn: nothing }
  const connection = new Connection(socket, surroundings)
  connection.look()
  t.equal(connection.stalledLooks, 0, 'a round comes by right after it was opened')
  connection.look()
  t.equal(connection.stalledLooks, 1, 'it has had the time between two rounds')
})

t.test('the bound is for all servers of the process together', async (t) => {
  const { http } = testConfig('postgresql://nobody@localhost/none', { MAX_CONNECTIONS: '2' })
  const servers = new ServerFactory(http)
  t.teardown(() => servers.close())
  const ports: number[] = []
  for (let i = 0; i < 2; i += 1) {
    const server = servers.create((_request, response) => response.end('served'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const port = (server.address() as AddressInfo).port
    ports.push(port)
    const client = await openRaw(t, port)
    client.send(rawRequest('GET', '/'))
    await until(async () => client.received().includes('served'))
  }
  for (const port of ports) t.match(await exchange(t, port, ''), [{ status: 503 }])
})

t.test('the bound is lowered where file descriptors are short', async (t) => {
  t.equal(affordableConnections(1), 1)
  if (maxDescriptors() === Infinity) {
    t.comment('the system does not tell')
    return
  }
  t.equal(affordableConnections(1e9), Math.floor(maxDescriptors() * 0.75))
  const program = `
    import { affordableConnections } from './src/http/connections/descriptors.ts'
    console.log(affordableConnections(8000))`
  const child = spawn(
    'sh',
    [
      '-c',
      'ulimit -n 400 && exec "$0" "$@"',
      process.execPath,
      '--import=tsx',
      '--input-type=module',
      '-e',
      program,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [[printed]] = await Promise.all([once(child.stdout, 'data'), once(child, 'exit')])
  t.equal(String(printed).trim(), '300')
})

/** Opens a connection that has had an answer, were it that there are too many; then it idles. */
async function openIdle(t: Test, port: number): Promise<RawClient> {
  const client = await openRaw(t, port)
  client.send(rawRequest('GET', '/livez'))
  const { socket } = client
  await until(async () => client.received() !== '' || socket.readableEnded || socket.destroyed)
  return client
}
