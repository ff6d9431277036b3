import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { createTestApp } from '../helpers/app.ts'

// What no HTTP client of Node's sends.

t.test('requests that Node would answer by itself', async (t) => {
  const app = await createTestApp(t)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo

  async function send(...lines: string[]): Promise<{ head: string; body: string }> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write([...lines, 'Connection: close', '', ''].join('\r\n'))
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
    return { head, body }
  }

  await t.test('400 in the envelope without a Host, which HTTP/1.1 asks for', async (t) => {
    const { head, body } = await send('GET / HTTP/1.1')
    t.match(head, /^HTTP\/1\.1 400 /)
    t.match(head, /^x-request-id: ./im)
    t.equal(body, '{"error":"Bad request"}')
    const old = await send('GET / HTTP/1.0')
    t.match(old.head, /^HTTP\/1\.1 200 /, 'HTTP/1.0 has none')
  })

  await t.test('an expectation that nobody knows is no reason to refuse', async (t) => {
    const { head, body } = await send('GET / HTTP/1.1', 'Host: localhost', 'Expect: miracles')
    t.match(head, /^HTTP\/1\.1 200 /)
    t.equal(body, 'Event Booking API is running')
  })

  await t.test('what is no HTTP gets an answer whose type is not guessed either', async (t) => {
    const { head } = await send('GARBAGE')
    t.match(head, /^HTTP\/1\.1 400 /)
    t.match(head, /^x-content-type-options: nosniff$/im)
  })

  await t.test('400 for what is no host', async (t) => {
    for (const hosts of [
      ['Host: a b'],
      ['Host: a/b'],
      ['Host: user@a'],
      ['Host: a, b'],
      ['Host: a:port'],
    ]) {
      const { head, body } = await send('GET / HTTP/1.1', ...hosts)
      t.match(head, /^HTTP\/1\.1 400 /, hosts.join())
      t.equal(body, '{"error":"Bad request"}')
    }
    for (const host of ['', 'localhost', '127.0.0.1:8000', '[::1]:80', 'a_b.example', 'a%20b']) {
      const { head } = await send('GET / HTTP/1.1', `Host: ${host}`)
      t.match(head, /^HTTP\/1\.1 200 /, host)
    }
  })

  await t.test('a target in the absolute form is one like any other', async (t) => {
    for (const [target, status] of [
      ['http://localhost/', 200],
      ['HTTP://localhost', 200],
      ['https://other:8000/livez?a=b', 200],
      ['http://localhost?a=b', 200],
      ['http://localhost/nowhere', 404],
    ] as const) {
      const { head } = await send(`GET ${target} HTTP/1.1`, 'Host: localhost')
      t.match(head, new RegExp(`^HTTP/1\\.1 ${status} `), target)
    }
  })
})
