import { once } from 'node:events'
import t from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { exchange, listen, openRaw, rawRequest } from '../helpers/raw.ts'

// The promise: a request that offers another protocol is answered as any other, and nothing that
// stands behind it is ever taken for a request.

const OFFER = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk']
const create = (name: string, headers: string[] = []): string =>
  rawRequest('POST', '/api/events', { body: { name, total_seats: 1 }, headers })

t.test('a body behind an offer to upgrade', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database })
  const port = await listen(app)
  const names = async (): Promise<unknown[]> => {
    const { rows } = await database.pool.query<{ name: string }>('SELECT name FROM events')
    return rows.map(({ name }) => name)
  }
  const smuggled = create('smuggled')
  const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${smuggled.length}\r\n\r\n`
  const offers: [first: string, status: number, ...names: string[]][] = [
    [rawRequest('GET', '/livez', { headers: OFFER }), 200],
    [rawRequest('GET', '/nowhere', { headers: OFFER }), 404],
    [create('meant', OFFER), 201, 'meant'],
    [rawRequest('GET', '/livez', { headers: ['Upgrade: h2c'] }), 200],
  ]

  for (const [first, status, ...expected] of offers) {
    await t.test(`in pieces, behind one answered ${status}`, async (t) => {
      await database.pool.query('DELETE FROM events')
      const client = await openRaw(t, port)
      client.send(first + head)
      await once(client.socket, 'data')
      client.send(smuggled)
      const answers = await client.answers()
      t.match(answers, [{ status, head: /^connection: close$/im }])
      t.equal(answers.length, 1)
      t.same(await names(), expected)
    })

    await t.test(`while it waits for its turn: ${status}`, async (t) => {
      await database.pool.query('DELETE FROM events')
      const client = await openRaw(t, port)
      client.send(create('before') + first + head)
      client.send(smuggled)
      const answers = await client.answers()
      t.match(answers, [{ status: 201 }, { status, head: /^connection: close$/im }])
      t.equal(answers.length, 2)
      t.same((await names()).sort(), ['before', ...expected])
    })
  }

  await t.test('control: without the offer both are requests', async (t) => {
    const close = rawRequest('GET', '/livez', { headers: ['Connection: close'] })
    const answers = await exchange(t, port, rawRequest('GET', '/livez') + smuggled + close)
    t.match(answers, [{ status: 200 }, { status: 201 }, { status: 200 }])
  })
})

t.test('a header counts wherever it stands', async (t) => {
  const database = await createTestDatabase(t)
  const port = await listen(await createTestApp(t, { database }))
  await database.pool.query(`INSERT INTO events (name, total_seats) VALUES ('One', 1)`)
  const many = Array.from({ length: 2100 }, () => 'a:')
  const patch = (...headers: string[]): string =>
    rawRequest('PATCH', '/api/events/1', {
      body: { name: 'Two' },
      headers: [...many, ...headers, 'Connection: close'],
    })
  t.match(await exchange(t, port, patch('If-Match: "other"')), [{ status: 412 }])
  t.match(await exchange(t, port, patch('Host: other')), [{ status: 400 }])
  t.match(await exchange(t, port, patch()), [{ status: 200 }], 'control')
})
