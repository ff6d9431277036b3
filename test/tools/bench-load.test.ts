import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { isWhole, statusOf } from '../bench/load/answer.ts'
import type { LoadJob } from '../bench/load/job.ts'
import { runLoad } from '../bench/load/run-load.ts'

interface Asked {
  readonly line: string
  readonly key: string | undefined
  // Looked at as it comes.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any
}

/** As Fastify writes it: in lower case. */
function send(reply: ServerResponse, status: number, body: string): void {
  reply.writeHead(status, { 'content-length': body.length }).end(body)
}

/** A server that notes what it is asked, and a generator's job for it. */
async function startServer(
  t: Test,
  answer: (reply: ServerResponse, asked: Asked) => void = (reply) => {
    send(reply, 201, '{}')
  },
) {
  const asked: Asked[] = []
  const listener = async (request: IncomingMessage, reply: ServerResponse): Promise<void> => {
    const body = await text(request)
    asked.push({
      line: `${request.method ?? ''} ${request.url ?? ''}`,
      key: request.headersDistinct['idempotency-key']?.[0],
      body: body === '' ? null : JSON.parse(body),
    })
    const last = asked.at(-1)
    if (last !== undefined) answer(reply, last)
  }
  const server = createServer((request, reply) => void listener(request, reply))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const run = (job: Partial<LoadJob>) =>
    runLoad({
      ...{ ports: [(server.address() as AddressInfo).port], clients: 4, ask: 'reserve' },
      ...{ goodStatuses: [201], eventIds: [7], userPrefix: 'u', warmUpMs: 0, measureMs: 50 },
      ...{ requests: 40, ...job },
    })
  return { asked, run }
}

t.test('every user asks once, and each with what the job says', async (t) => {
  const { asked, run } = await startServer(t)
  const options = { reserve: {}, keyed: {}, hold: { hold: true }, join: { waitlist: true } }
  for (const [ask, option] of Object.entries(options)) {
    asked.length = 0
    const result = await run({ ask: ask as LoadJob['ask'] })
    t.same(result.statuses, { 201: 40 }, ask)
    t.equal(result.unanswered, 0)
    t.equal(new Set(asked.map(({ body }) => String(body.user_id))).size, 40, 'no user asks twice')
    for (const { line, key, body } of asked) {
      t.equal(line, 'POST /api/bookings/reserve')
      t.same(body, { event_id: 7, user_id: body.user_id, ...option })
      t.equal(key, ask === 'keyed' ? body.user_id : undefined)
    }
  }
})

t.test('bookings are cancelled once each', async (t) => {
  const { asked, run } = await startServer(t, (reply) => reply.writeHead(204).end())
  const { statuses } = await run({ ask: 'cancel', bookingIds: [11, 50], goodStatuses: [204] })
  t.same(statuses, { 204: 40 })
  const expected = Array.from({ length: 40 }, (_, i) => `DELETE /api/bookings/${11 + i}`)
  t.same(asked.map(({ line }) => line).sort(), expected.sort())
})

t.test('of a mixed load every twentieth request is a booking, and told apart', async (t) => {
  const { asked, run } = await startServer(t, (reply, { body }) => {
    send(reply, body === null ? 200 : 201, '{}')
  })
  const result = await run({ ask: 'mixed', bookEvery: 20, requests: 200, goodStatuses: [200, 201] })
  t.same(result.statuses, { 200: 190, 201: 10 })
  t.equal(asked.filter(({ line }) => line === 'GET /api/events/7').length, 190)
  const { bookings } = result
  t.ok(bookings !== undefined && bookings.perSecond > 0)
  t.ok(bookings !== undefined && Math.abs(bookings.perSecond * 20 - result.requestsPerSecond) < 1)
})

t.test('of a turnover a tenth are holds, and a tenth under keys', async (t) => {
  const { asked, run } = await startServer(t)
  await run({ ask: 'turnover', requests: 100 })
  t.equal(asked.filter(({ body }) => body.hold === true).length, 10)
  t.equal(asked.filter(({ key }) => key !== undefined).length, 10)
  t.equal(asked.filter(({ key, body }) => key !== undefined && body.hold === true).length, 0)
})

t.test('what is lost is told', async (t) => {
  let answered = 0
  const { run } = await startServer(t, (reply) => {
    answered += 1
    if (answered === 1) reply.destroy()
    else send(reply, answered === 2 ? 500 : 201, '{}')
  })
  const result = await run({ clients: 2, requests: 10 })
  t.equal(result.unanswered, 1)
  t.same(result.statuses, { 201: 8, 500: 1 })
})

t.test('pages are read from a cursor of their list', async (t) => {
  const cursorOf = (...keys: unknown[]) => Buffer.from(JSON.stringify(keys)).toString('base64url')
  const { asked, run } = await startServer(t, (reply) => {
    send(reply, 200, JSON.stringify({ events: [{}, {}], next_cursor: cursorOf('events', 1) }))
  })
  const path = '/api/events?sort=id'
  const result = await run({ ask: 'page', pages: [{ path }, { path, after: [5] }] })
  const middle = `${path}&cursor=${cursorOf('events', 5)}`
  t.same(
    result.pages?.map(({ path, rows }) => ({ path, rows })),
    [path, middle].map((path) => ({ path, rows: 2 })),
  )
  t.same(
    new Set(asked.map(({ line }) => line)),
    new Set([path, `${path}&limit=1`, middle].map((path) => `GET ${path}`)),
  )
})

t.test('an answer is whole with its last byte', (t) => {
  for (const answer of [
    'HTTP/1.1 201 Created\r\ncontent-length: 12\r\nvary: Accept\r\n\r\n{"id":12345}',
    'HTTP/1.1 204 No Content\r\nvary: Accept\r\n\r\n',
  ]) {
    const bytes = Buffer.from(answer)
    for (let length = 0; length < bytes.length; length += 1) {
      if (isWhole(bytes.subarray(0, length))) t.fail(`whole after ${length} bytes`)
    }
    t.ok(isWhole(bytes), answer.slice(0, 12))
  }
  t.equal(statusOf(Buffer.from('HTTP/1.1 503 Busy\r\n')), 503)
  t.throws(() => isWhole(Buffer.from('HTTP/1.1 200 OK\r\n\r\n')), { message: /content-length/ })
  t.end()
})
