import { once } from 'node:events'
import type { Socket } from 'node:net'
import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { beginImport, linesOf, receive } from '../helpers/import.ts'
import { beginRaw, chunkOf } from '../helpers/import-raw.ts'
import { importerOf } from '../helpers/importer.ts'
import { until } from '../helpers/until.ts'

// The promise: no line, whatever is in it, is a 5xx, or keeps those behind it from being booked.

const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

t.test('lines of somebody who means no good', { timeout: 120_000 }, async (t) => {
  const api = await createApi(t)
  const { send } = importerOf(api)
  const eventId = await api.createEvent({ total_seats: 9 })
  const lines = [
    `{"user_id":"deep","metadata":{"a":${deep(30_000)}}}`,
    `{"user_id":"deep","lines":${deep(30_000)}}`,
    deep(32_000),
    `{"user_id":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`,
    '{"user_id":"a","__proto__":{"seats":1}}',
    '{"user_id":"a","metadata":{"__proto__":{}}}',
    '{"user_id":"a","metadata":{"constructor":{"prototype":{}}}}',
    '{"user_id":"nul\\u0000"}',
    '{"user_id":"\\ud800"}',
    '{"user_id":"a","metadata":{"\\udfff":1}}',
    '{"user_id":"a","seats":1e400}',
    '{"user_id":"a","seats":-0.5}',
    '{"user_id":"a","seats":99999999999999999999}',
    `{"user_id":"${'x'.repeat(60_000)}"}`,
    '{"user_id":"a"}{"user_id":"b"}',
    '{"user_id":"a"}\r{"user_id":"b"}',
    'null',
    '"text"',
    '{"user_id":["a"]}',
    '{"user_id":{"toString":1}}',
    '{"user_id":"a","hold":"yes"}',
    '{"user_id":"a","lines":[null]}',
    '{"user_id":"a","toString":1,"hasOwnProperty":2,"lines":[{"ticket_type":"__proto__","seats":1}]}',
    `{"user_id":"a","lines":[${Array.from({ length: 3000 }, () => '{"ticket_type":"x"}').join()}]}`,
  ]
  const answers = await send(eventId, [...lines, '{"user_id":"good"}'].join('\n'))
  t.equal(answers.length, lines.length + 1)
  for (const [i, { status, error }] of answers.slice(0, -1).entries()) {
    t.ok(status >= 400 && status < 500, `${lines[i]?.slice(0, 50)}: ${status} ${error?.detail}`)
  }
  t.match(answers.at(-1), { status: 201, booking: { user_id: 'good' } })
})

t.test('what comes around the lines', { timeout: 120_000 }, async (t) => {
  const { app, createEvent } = await createApi(t)
  const eventId = await createEvent({ total_seats: 99 })
  const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' })

  await t.test('trailers, and a chunk for each byte', async (t) => {
    const importing = await beginRaw(t, baseUrl, { eventId, headers: ['Connection: close'] })
    const bytes = linesOf({ user_id: 'ann' }, { user_id: 'bob' }).replace(/[^]/g, chunkOf)
    await importing.write(`${bytes}0\r\nIdempotency-Key: other\r\nContent-Type: text/csv\r\n\r\n`)
    t.match((await importing.read()).answers, [{ status: 201 }, { status: 201 }])
  })

  await t.test('a line of many megabytes, and one behind it', async (t) => {
    const line = 'x'.repeat(20 * 1024 * 1024)
    const body = `${line}\n${linesOf({ user_id: 'cid' })}`
    const headers = ['Connection: close']
    const importing = await beginRaw(t, baseUrl, { eventId, length: body.length, headers })
    await importing.write(body)
    t.match((await importing.read()).answers, [
      { line: 1, status: 413 },
      { line: 2, status: 201 },
    ])
  })

  await t.test('a request that is pipelined behind it', async (t) => {
    const body = linesOf({ user_id: 'dan' })
    const importing = await beginRaw(t, baseUrl, { eventId, length: body.length })
    await importing.write(`${body}GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    const { head, answers } = await importing.read()
    t.match(head, /^HTTP\/1\.1 200 /)
    t.match(answers[0], { line: 1, status: 201 })
  })

  await t.test('a body that is none of it is refused, and the connection is of use', async (t) => {
    const headers = ['Content-Encoding: gzip']
    const length = 5 * 1024 * 1024
    const importing = await beginRaw(t, baseUrl, { eventId, length, headers })
    await importing.write('x'.repeat(length))
    await importing.write('GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    const { head, received } = await importing.read()
    t.match(head, /^HTTP\/1\.1 415 /)
    t.match(received, /HTTP\/1\.1 200 /)
  })
})

t.test('an event that is deleted under an import ends it', { timeout: 120_000 }, async (t) => {
  const { app, ask, createEvent } = await createApi(t)
  const eventId = await createEvent({ total_seats: 1_000_000 })
  const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' })
  const connected = once(app.server, 'connection')
  const { asking, answered } = beginImport(baseUrl, eventId, 'k')
  let sent = 0
  const sending = setInterval(() => {
    for (let i = 0; i < 20; i += 1) asking.write(linesOf({ user_id: `user ${sent++}` }))
  }, 10)
  t.teardown(() => {
    clearInterval(sending)
  })
  const { some, all } = receive(await answered)
  const [socket] = (await connected) as [Socket]
  await some
  const deleted = await ask('DELETE', `/events/${eventId}?force=true`)
  t.equal(deleted.status, 204)
  const answers = await all
  clearInterval(sending)
  t.ok(answers.every(({ line }, i) => line === i + 1))
  t.match(answers.at(-1), { status: 404, error: { code: 'event_not_found' }, stopped: true })
  const first = answers.findIndex(({ status }) => status !== 201)
  t.ok(first > 0)
  t.ok(
    answers.slice(first).every(({ status }) => status === 404),
    'nothing is booked behind it',
  )
  await until(() => Promise.resolve(socket.destroyed), 'the connection closes')
})
