import { once } from 'node:events'
import t, { type Test } from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { createEvent } from '../helpers/race.ts'
import { exchange, listen, openRaw, rawRequest } from '../helpers/raw.ts'
import { until } from '../helpers/until.ts'

// The promise: an answer belongs to the request in whose place it stands, whatever comes behind it.

const BAD_REQUEST = '{"error":"Bad request"}'

async function start(t: Test, environment: Record<string, string> = {}) {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database, environment })
  return { database, app, port: await listen(app) }
}

t.test('bytes that do not parse behind a request under way', async (t) => {
  const { database, port } = await start(t)
  const ids: number[] = []
  for (let i = 0; i < 30; i += 1) ids.push(await createEvent(database.pool, 1))

  await t.test('its answer comes first, then 400', async (t) => {
    const all = await Promise.all(
      ids.map((id) =>
        exchange(t, port, `${rawRequest('DELETE', `/api/events/${id}`)}GARBAGE\r\n\r\n`),
      ),
    )
    for (const answers of all) {
      t.same(
        answers.map(({ status }) => status),
        [204, 400],
      )
      t.match(answers[1], { body: BAD_REQUEST, head: /^connection: close/im })
    }
    const { rows } = await database.pool.query('SELECT FROM events WHERE deleted_at IS NULL')
    t.equal(rows.length, 0)
  })

  await t.test('so do those of several requests, in order', async (t) => {
    const create = rawRequest('POST', '/api/events', { body: { name: 'x', total_seats: 1 } })
    const bytes = create + rawRequest('GET', '/') + create + rawRequest('GET', '/nowhere')
    const answers = await exchange(t, port, `${bytes}\0\0\0\r\n\r\n`)
    t.same(
      answers.map(({ status }) => status),
      [201, 200, 201, 404, 400],
    )
  })

  const behind: [what: string, bytes: string, ...statuses: number[]][] = [
    ['too large headers', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx',
      400,
    ],
    [
      'a length and a coding',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a broken chunk', chunked('zzz\r\n'), 400],
    ['CONNECT', 'CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n', 501],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['a bare LF', 'GET / HTTP/1.1\nHost: a\n\n', 400],
  ]
  for (const [what, bytes, ...statuses] of behind) {
    await t.test(`${what}: alone and behind a request`, async (t) => {
      const first = rawRequest('POST', '/api/events', { body: { name: what, total_seats: 1 } })
      for (const [sent, expected] of [
        [bytes, statuses],
        [first + bytes, [201, ...statuses]],
      ] as const) {
        const answers = await exchange(t, port, sent)
        t.same(
          answers.map(({ status }) => status),
          expected,
        )
        t.match(answers.at(-1)?.body, /^\{"error":".+"\}$/)
        t.match(answers.at(-1)?.head, /^connection: close/im)
      }
    })
  }
})

function chunked(chunks: string, path = '/api/events'): string {
  const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json`
  return `${head}\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`
}

t.test(
  'a transfer coding that we do not have: 501, and nothing behind it is a request',
  async (t) => {
    const { database, port } = await start(t)
    const smuggled = rawRequest('POST', '/api/events', {
      body: { name: 'smuggled', total_seats: 1 },
    })
    const codings: [coding: string, status: number][] = [
      ['gzip', 501],
      ['foo', 501],
      ['gzip, chunked', 501],
      ['', 501],
      ['chunked, chunked', 400],
      ['chunked\r\nTransfer-Encoding: gzip', 400],
    ]
    for (const [coding, status] of codings) {
      for (const method of ['POST', 'GET', 'DELETE']) {
        const head = `${method} /api/events HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ${coding}`
        const answers = await exchange(t, port, `${head}\r\n\r\n${smuggled}0\r\n\r\n${smuggled}`)
        t.same(
          answers.map((answer) => answer.status),
          [status],
          `${method} ${coding}`,
        )
        t.match(answers[0], { head: /^connection: close/im, body: /^\{"error":".+"\}$/ })
      }
    }
    const old = 'POST /api/events HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked'
    const answers = await exchange(t, port, `${old}\r\n\r\n0\r\n\r\n${smuggled}`)
    t.same(
      answers.map((answer) => answer.status),
      [400],
      'HTTP/1.0',
    )
    t.equal((await database.pool.query('SELECT FROM events')).rowCount, 0)
  },
)

t.test('behind an answer that says Connection: close nothing is processed', async (t) => {
  const { database, port } = await start(t, { BODY_LIMIT_BYTES: '100' })
  const behind = rawRequest('POST', '/api/events', { body: { name: 'behind', total_seats: 1 } })
  const asks = rawRequest('GET', '/', { headers: ['Connection: close'] })
  const old = 'GET / HTTP/1.0\r\n\r\n'
  const hostless = 'GET / HTTP/1.1\r\n\r\n'
  for (const [first, status] of [
    [asks, 200],
    [old, 200],
    [hostless, 400],
  ] as const) {
    const answers = await exchange(t, port, first + behind.repeat(3))
    t.same(
      answers.map((answer) => answer.status),
      [status],
    )
  }
  t.equal((await database.pool.query('SELECT FROM events')).rowCount, 0)
})

t.test('a request that does not arrive in time', async (t) => {
  const { app, port } = await start(t, { REQUEST_TIMEOUT_MS: '1000' })
  const first = rawRequest('GET', '/')
  const partial = 'POST /api/events HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
  const cases: [what: string, bytes: string, statuses: number[]][] = [
    ['nothing at all', '', [408]],
    ['half a head', partial, [408]],
    ['half a head behind a request', first + partial, [200, 408]],
    ['half a body', `${partial}Content-Length: 10\r\n\r\n{`, [408]],
    ['half a body behind a request', `${first}${partial}Content-Length: 10\r\n\r\n{`, [200, 408]],
    // What has its answer gets no other.
    [
      'half a body that nobody waits for',
      `GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n`,
      [200],
    ],
  ]
  await Promise.all(
    cases.map(async ([what, bytes, statuses]) => {
      const answers = await exchange(t, port, bytes)
      t.same(
        answers.map(({ status }) => status),
        statuses,
        what,
      )
    }),
  )

  await t.test('headers that never end, a byte at a time', async (t) => {
    const client = await openRaw(t, port)
    const startedAt = performance.now()
    client.send('GET / HTTP/1.1\r\nHost: a\r\nX: ')
    const trickle = setInterval(() => {
      client.send('x')
    }, 50)
    const answers = await client.answers()
    clearInterval(trickle)
    t.same(
      answers.map(({ status }) => status),
      [408],
    )
    t.ok(performance.now() - startedAt < 4000, 'it did not hold on')
    if (!client.socket.destroyed) {
      client.socket.destroy()
      await once(client.socket, 'close')
    }
    await until(() => countConnections(app.server).then((count) => count === 0), 'the end of all')
  })
})

function countConnections(server: {
  getConnections(callback: (error: Error | null, count: number) => void): unknown
}): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => {
      if (error) reject(error)
      else resolve(count)
    })
  })
}
