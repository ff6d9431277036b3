import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { answersOf, beginImport, linesOf } from '../helpers/import.ts'

// The promise: nobody keeps one of the few imports for himself who does nothing with it.

t.test('a client that sends blank lines alone', { timeout: 120_000 }, async (t) => {
  const { app, createEvent } = await createApi(t, { REQUEST_TIMEOUT_MS: '1000' })
  const eventId = await createEvent({ total_seats: 9 })
  const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' })
  const { asking, answered } = beginImport(baseUrl, eventId, 'k')
  asking.write(linesOf({ user_id: 'ann' }))
  let sent = 1
  const blanks = setInterval(() => {
    asking.write('\n \n')
    sent += 2
  }, 50)
  t.teardown(() => {
    clearInterval(blanks)
  })
  const startedAt = performance.now()
  const answers = answersOf(await text(await answered))
  clearInterval(blanks)
  t.match(answers, [
    { line: 1, status: 201 },
    { status: 408, error: { code: 'request_timeout' }, stopped: true },
  ])
  const last = answers.at(-1)?.line ?? 0
  t.ok(last > 2 && last <= sent + 1, `blank lines have numbers: ${last}`)
  t.ok(performance.now() - startedAt < 20_000, 'and give no time')
})

t.test('a client that sends a line now and then', { timeout: 60_000 }, async (t) => {
  const { app, createEvent } = await createApi(t, { REQUEST_TIMEOUT_MS: '3000' })
  const eventId = await createEvent({ total_seats: 9 })
  const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' })
  const { asking, answered } = beginImport(baseUrl, eventId, 'k')
  const send = (): boolean => asking.write(linesOf({ user_id: 'ann' }))
  send()
  const sending = setInterval(send, 1500)
  t.teardown(() => {
    clearInterval(sending)
  })
  const answers = answersOf(await text(await answered))
  clearInterval(sending)
  const lines = answers.slice(0, -1)
  t.strictSame(new Set(lines.map(({ status }) => status)), new Set([201, 409]))
  t.match(answers.at(-1), {
    line: answers.length,
    status: 408,
    error: { code: 'request_timeout' },
    stopped: true,
  })
})

// Often enough, were each of them right.
const WRONG = 60
const PAUSE_MS = 100

t.test('a client whose lines are all wrong', { timeout: 60_000 }, async (t) => {
  const { app, createEvent } = await createApi(t, { REQUEST_TIMEOUT_MS: '4000' })
  const eventId = await createEvent({ total_seats: 9 })
  const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' })
  const statusesOf = async (key: string, line: string): Promise<number[]> => {
    const { asking, answered } = beginImport(baseUrl, eventId, key)
    for (let sent = 0; sent < WRONG; sent += 1) {
      asking.write(line)
      await delay(PAUSE_MS)
    }
    asking.end()
    return answersOf(await text(await answered)).map(({ status }) => status)
  }
  const wrong = ['no line\n', '{"seats":1}\n', `"${'x'.repeat(70_000)}"\n`]
  const refused = statusesOf('refused', linesOf({ user_id: 'ann' }))
  const told = await Promise.all(wrong.map((line, i) => statusesOf(`wrong-${i}`, line)))
  for (const statuses of told) {
    t.ok(statuses.length > 1 && statuses.length < WRONG, `${statuses.length} are answered`)
    t.ok(statuses.slice(0, -1).every((status) => status === 400 || status === 413))
    t.equal(statuses.at(-1), 408, 'they give hardly any time')
  }
  const expected = [201, ...Array<number>(WRONG - 1).fill(409)]
  t.strictSame(await refused, expected, 'but lines do that are refused')
})

const BURSTS = 150
const IN_BURST = 10

t.test('a file of which every line is wrong, over a good line', { timeout: 60_000 }, async (t) => {
  const { app, createEvent } = await createApi(t, { REQUEST_TIMEOUT_MS: '2000' })
  const eventId = await createEvent({ total_seats: 9 })
  const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' })
  const { asking, answered } = beginImport(baseUrl, eventId, 'k')
  const told = answered.then(text)
  for (let sent = 0; sent < BURSTS; sent += 1) {
    asking.write('{"user":"ann"}\n'.repeat(IN_BURST))
    await delay(20)
  }
  asking.end()
  const statuses = answersOf(await told).map(({ status }) => status)
  t.strictSame(statuses, Array<number>(BURSTS * IN_BURST).fill(400), 'all of it is told')
})
