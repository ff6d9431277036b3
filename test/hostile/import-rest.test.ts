import { once } from 'node:events'
import type { Socket } from 'node:net'
import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { linesOf } from '../helpers/import.ts'
import { beginRaw, chunkOf } from '../helpers/import-raw.ts'
import { createKey } from '../helpers/keys.ts'
import { createTokenApi } from '../helpers/token-api.ts'

// The promise: whatever ends an import early, a client that sends all of it before it reads gets to the last
// answer; and however much it sends, it is taken for a bounded time.

const MISSING_EVENT = 1_000_000_000
/** With no time that ends before the test does. */
const ENDLESS = { REQUEST_TIMEOUT_MS: '600000' }

t.test('a client that sends all before it reads', { timeout: 120_000 }, async (t) => {
  const { app, createEvent } = await createApi(t)
  const eventId = await createEvent({ total_seats: 9 })
  const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' })

  for (const headers of [[], ['Connection: close']]) {
    await t.test(`gets to the last answer of what ended early ${headers.join()}`, async (t) => {
      // More than the kernel keeps of it for either of them.
      const body = linesOf({ user_id: 'ann' }) + '\n'.repeat(30 * 1024 * 1024)
      const asked = { eventId: MISSING_EVENT, length: body.length, headers }
      const importing = await beginRaw(t, baseUrl, asked)
      await importing.write(body)
      const { head, answers } = await importing.read()
      t.match(head, /^HTTP\/1\.1 200 /)
      t.match(answers, [
        { line: 1, status: 404, stopped: undefined },
        { status: 404, error: { code: 'event_not_found' }, stopped: true },
      ])
    })
  }

  await t.test('and of what is no body any more', async (t) => {
    const importing = await beginRaw(t, baseUrl, { eventId })
    const startedAt = performance.now()
    await importing.write(`${chunkOf(linesOf({ user_id: 'bob' }))}no chunk\r\n`)
    await importing.write('x'.repeat(30 * 1024 * 1024))
    const { answers } = await importing.read()
    t.match(answers, [
      { line: 1, status: 201 },
      { line: 2, status: 400, error: { code: 'bad_request' }, stopped: true },
    ])
    t.ok(performance.now() - startedAt < 8000, 'before a line would have been too late')
  })

  await t.test('and of one that it did not send to its end', async (t) => {
    const importing = await beginRaw(t, baseUrl, { eventId })
    await importing.write(chunkOf(`${linesOf({ user_id: 'cid' })}{"user_id":"dan"}`))
    importing.socket.end()
    const { answers } = await importing.read()
    t.match(answers, [
      { line: 1, status: 201 },
      { line: 2, status: 400, error: { code: 'bad_request' }, stopped: true },
    ])
  })

  await t.test('and, without a line before it, gets no second answer', async (t) => {
    const importing = await beginRaw(t, baseUrl, { eventId })
    await importing.write('no chunk\r\n')
    const { head, answers } = await importing.read()
    t.match(head, /^HTTP\/1\.1 200 /)
    t.match(answers, [{ line: 1, status: 400, stopped: true }])
  })
})

t.test('what was refused before it began books nothing', { timeout: 120_000 }, async (t) => {
  const { app, database, createEvent } = await createTokenApi(t)
  const eventId = await createEvent(9)
  const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' })
  const connected = once(app.server, 'connection')
  // It is looked up before the import begins; by then the bytes behind the head are known not to be chunks.
  const { headers } = await createKey(database.pool)
  const importing = await beginRaw(t, baseUrl, {
    eventId,
    headers: [`Authorization: ${headers.authorization}`],
    begun: `${chunkOf(linesOf({ user_id: 'ann' }))}no chunk\r\n`,
  })
  const closed = connected.then(([socket]) => once(socket as Socket, 'close'))
  const { head, received } = await importing.read()
  t.match(head, /^HTTP\/1\.1 400 /)
  t.equal(received.split('HTTP/1.1').length, 2, 'it has one answer')
  await closed
  const { rows } = await database.pool.query('SELECT user_id FROM bookings')
  t.strictSame(rows, [])
})

t.test('who goes on sending is cut', { timeout: 120_000 }, async (t) => {
  await t.test('after a time', async (t) => {
    const { app } = await createApi(t, { REQUEST_TIMEOUT_MS: '1000' })
    const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' })
    const connected = once(app.server, 'connection')
    const importing = await beginRaw(t, baseUrl, { eventId: MISSING_EVENT, length: 1e9 })
    const closed = connected.then(([socket]) => once(socket as Socket, 'close'))
    const trickle = setInterval(() => importing.socket.write('\n'), 50)
    t.teardown(() => {
      clearInterval(trickle)
    })
    importing.socket.write(linesOf({ user_id: 'ann' }))
    const { answers } = await importing.read()
    t.match(answers.at(-1), { status: 404, stopped: true })
    await closed
  })

  await t.test('and after many bytes', async (t) => {
    const { app } = await createApi(t, ENDLESS)
    const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' })
    const importing = await beginRaw(t, baseUrl, { eventId: MISSING_EVENT, length: 1e9 })
    const lines = linesOf({ user_id: 'ann' }) + '\n'.repeat(1024 * 1024)
    let sent = 0
    const sending = async (): Promise<void> => {
      for (; sent < 1000; sent += 1) await importing.write(lines)
    }
    await t.rejects(sending())
    t.ok(sent < 200, `${sent} MiB were taken`)
  })
})
