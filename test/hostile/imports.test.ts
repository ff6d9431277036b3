import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { createApi, type Api } from '../helpers/api.ts'
import { answersOf, beginImport, linesOf, type ImportAnswer } from '../helpers/import.ts'
import { usedBytes } from '../helpers/used-bytes.ts'
import { until } from '../helpers/until.ts'

// The promise: an import of however many lines takes little memory, is read no faster than it is worked on,
// and ends in time whatever its client does; what was cut off can be sent again.

const LINES = 20_000
/** All lines, or all answers, in memory at once take several times as much. */
const MAX_GROWTH_BYTES = 32 * 1024 * 1024
/** What lines carry, so that few of them fill a connection, and all of them the memory. */
const LARGE = { metadata: { note: 'x'.repeat(8000) } }
const SIZABLE = { metadata: { note: 'x'.repeat(2000) } }

async function createImports(t: Test, environment: Record<string, string> = {}) {
  const api = await createApi(t, environment)
  const eventId = await api.createEvent({ total_seats: 1_000_000 })
  const baseUrl = await api.app.listen({ port: 0, host: '127.0.0.1' })
  return {
    ...api,
    eventId,
    begin: (key = 'k') => beginImport(baseUrl, eventId, key),
    booked: async (): Promise<number> => {
      const { rows } = await api.database.pool.query<{ taken: number }>(
        'SELECT taken FROM events WHERE id = $1',
        [eventId],
      )
      return Number(rows[0]?.taken)
    },
  }
}

/** The server's end of the next connection. */
async function connectionOf({ server }: Pick<Api['app'], 'server'>): Promise<Socket> {
  const [socket] = await once(server, 'connection')
  return socket as Socket
}

function* manyLines(count: number, more: object = {}): Generator<string> {
  for (let i = 0; i < count; i += 1) yield linesOf({ user_id: `user ${i}`, ...more })
}

/** Whole answers only: what was cut off in the middle is no answer. */
const wholeOf = (received: string): ImportAnswer[] =>
  answersOf(received.slice(0, received.lastIndexOf('\n') + 1))

t.test('however many lines take little memory', { timeout: 300_000 }, async (t) => {
  const { begin, booked } = await createImports(t)
  const { asking, answered } = begin()
  const sending = pipeline(Readable.from(manyLines(LINES, SIZABLE)), asking)
  const response = await answered
  const before = usedBytes()
  let [most, next, rest, chunks] = [0, 1, '', 0]
  for await (const chunk of response) {
    const received = rest + String(chunk)
    rest = received.slice(received.lastIndexOf('\n') + 1)
    for (const { line, status } of wholeOf(received)) {
      if (line !== next || status !== 201) t.fail(`${line}: ${status}, instead of ${next}`)
      next += 1
    }
    if ((chunks += 1) % 20 === 0) most = Math.max(most, usedBytes())
  }
  await sending
  t.equal(next, LINES + 1)
  t.equal(await booked(), LINES)
  t.ok(most > 0, `looked at after each 20 of ${chunks} pieces`)
  t.ok(most - before < MAX_GROWTH_BYTES, `the heap grew by ${most - before} bytes`)
})

t.test('a client that does not read is not read, and cut in time', async (t) => {
  const { app, begin, booked } = await createImports(t, { CONNECTION_TIMEOUT_MS: '3000' })
  const connected = connectionOf(app)
  const { asking, answered } = begin()
  const sending = pipeline(Readable.from(manyLines(100_000, LARGE)), asking)
  sending.catch(() => undefined)
  const [socket, response] = await Promise.all([connected, answered])
  response.on('error', () => undefined)
  await until(() => Promise.resolve(socket.writableNeedDrain), 'the connection is full')
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await closed
  const [bytesRead, count] = [socket.bytesRead, await booked()]
  t.ok(count > 0 && count < 10_000, `${count} lines were booked`)
  // Beside those that are under way, what the streams and the connection hold.
  const ahead = bytesRead / 8030 - count
  t.ok(ahead < 1000, `${ahead} lines were read that were not booked`)
  await t.rejects(sending)
})

t.test('a client that is slow', async (t) => {
  const { begin, booked } = await createImports(t, { REQUEST_TIMEOUT_MS: '1000' })

  await t.test('but sends its lines in time is served for longer than a request is', async (t) => {
    const { asking, answered } = begin('slow')
    const startedAt = performance.now()
    const received: string[] = []
    asking.write(linesOf({ user_id: 'slow 0' }))
    const response = await answered
    for (let i = 1; performance.now() - startedAt < 3500; i += 1) {
      // Each line is answered though the next one has not come.
      const [chunk] = await once(response, 'data')
      received.push(String(chunk))
      asking.write(linesOf({ user_id: `slow ${i}` }))
    }
    asking.end()
    received.push(await text(response))
    const answers = answersOf(received.join(''))
    t.ok(answers.length > 3, `${answers.length} lines`)
    t.ok(answers.every(({ status }, i) => status === 201 && answers[i]?.line === i + 1))
    t.equal(await booked(), answers.length)
  })

  await t.test('and leaves a line unfinished is told so, and cut', async (t) => {
    for (const begun of ['', '{"user_id":"late']) {
      const before = await booked()
      const { asking, answered } = begin(`late ${begun.length}`.replace(' ', '-'))
      asking.write(linesOf({ user_id: `late ${begun.length}` }) + begun)
      const response = await answered
      const trickle = setInterval(() => begun !== '' && asking.write('x'), 100)
      const closed = once(asking, 'close')
      const answers = answersOf(await text(response))
      t.match(answers, [
        { line: 1, status: 201 },
        { line: 2, status: 408, error: { code: 'request_timeout' }, stopped: true },
      ])
      await closed
      clearInterval(trickle)
      t.equal(await booked(), before + 1)
    }
  })
})

t.test('a client that goes in the middle sends all again', { timeout: 120_000 }, async (t) => {
  const { app, begin, booked } = await createImports(t)
  const count = 3000
  const connected = connectionOf(app)
  const first = begin()
  const sending = pipeline(Readable.from(manyLines(count)), first.asking)
  sending.catch(() => undefined)
  const [socket, response] = await Promise.all([connected, first.answered])
  const [chunk] = await once(response, 'data')
  const told = wholeOf(String(chunk))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  response.on('error', () => undefined).destroy()
  await closed
  const before = await booked()
  t.ok(before >= told.length && before < count, `${before} of ${count} were booked`)

  const again = begin()
  await Promise.all([pipeline(Readable.from(manyLines(count)), again.asking), again.answered])
  const answers = answersOf(await text(await again.answered))
  t.equal(answers.length, count)
  t.ok(answers.every(({ status, line }, i) => status === 201 && line === i + 1))
  // What was under way may have come to its end since.
  const replayed = answers.filter((answer) => answer.replayed).length
  t.ok(replayed >= before && replayed < count, `${replayed} were booked before`)
  for (const { line, booking } of told) t.strictSame(answers[line - 1]?.booking, booking)
  t.equal(await booked(), count)
})
