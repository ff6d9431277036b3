import { text } from 'node:stream/consumers'
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
  const send = (): boolean => asking.write('no line\n')
  send()
  const sending = setInterval(send, 1500)
  t.teardown(() => {
    clearInterval(sending)
  })
  const answers = answersOf(await text(await answered))
  clearInterval(sending)
  const lines = answers.slice(0, -1)
  t.ok(lines.length > 1 && lines.every(({ status }) => status === 400))
  t.match(answers.at(-1), {
    line: answers.length,
    status: 408,
    error: { code: 'request_timeout' },
    stopped: true,
  })
})
