import t, { type Test } from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { createKey } from '../helpers/keys.ts'
import { exchange, listen, rawRequest } from '../helpers/raw.ts'

// The promise: of a header that can be there only once, nobody can hide another from what is in front of us.

async function start(t: Test, AUTH: 'off' | 'keys') {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database, environment: { AUTH } })
  const port = await listen(app)
  const key = `Authorization: Bearer ${(await createKey(database.pool)).key}`
  const countEvents = async () => (await database.pool.query('SELECT FROM events')).rowCount
  return { port, key, countEvents }
}

const EVENT = { name: 'Concert', total_seats: 1 }
const CLOSE = 'Connection: close'

for (const AUTH of ['off', 'keys'] as const) {
  t.test(`what must be there once is 400 if it is there twice, with AUTH=${AUTH}`, async (t) => {
    const { port, key, countEvents } = await start(t, AUTH)
    const one = rawRequest('POST', '/api/events', { body: EVENT, headers: [key] })
    for (const [name, lines] of [
      ['Authorization', [key]],
      ['Authorization', ['aUTHORIZATION: Bearer other']],
      ['Authorization', ['X-Between: 1', 'Authorization:']],
      ['Content-Type', ['content-type: application/json']],
      ['Content-Type', ['Content-Type: text/plain']],
      ['Host', ['Host: localhost']],
      ['Host', ['hOST: other']],
    ] as const) {
      const headers = [key, ...lines]
      const two = rawRequest('POST', '/api/events', { body: EVENT, headers })
      const answers = await exchange(t, port, two + one)
      t.equal(answers.length, 1, 'what comes behind it is not looked at')
      t.match(answers[0], { status: 400, head: /^connection: close/im }, lines.join())
      t.equal(
        answers[0]?.body,
        `{"error":"The request must not have more than one ${name} header"}`,
      )
    }
    t.equal(await countEvents(), 0)
    const control = rawRequest('POST', '/api/events', { body: EVENT, headers: [key, CLOSE] })
    t.match(await exchange(t, port, control), [{ status: 201 }])
  })
}

t.test('it is the first thing that is said, wherever it is asked for', async (t) => {
  const { port, key } = await start(t, 'keys')
  const bad = 'Authorization: Bearer nobody'
  for (const path of ['/', '/livez', '/nowhere', '/api/events', '/api/events?unknown=1']) {
    for (const headers of [
      [bad, bad],
      [key, bad],
    ]) {
      const answers = await exchange(t, port, rawRequest('GET', path, { headers }))
      t.match(answers, [{ status: 400, body: /Authorization/ }], path)
    }
  }
})

t.test('others that are there twice are never cut down to one in silence', async (t) => {
  const { port } = await start(t, 'off')
  const twice = (name: string, value = '"a"') => [`${name}: ${value}`, `${name}: "b"`, CLOSE]
  const create = rawRequest('POST', '/api/events', {
    body: EVENT,
    headers: twice('Idempotency-Key'),
  })
  t.match(await exchange(t, port, create), [{ status: 400, body: /Idempotency-Key/ }])

  const made = await exchange(
    t,
    port,
    rawRequest('POST', '/api/events', { body: EVENT, headers: [CLOSE] }),
  )
  const tag = /^etag: (.*)$/im.exec(made[0]?.head ?? '')?.[1]
  const path = /^location: (.*)$/im.exec(made[0]?.head ?? '')?.[1] ?? ''
  for (const headers of [
    [`If-None-Match: ${tag}`, 'If-None-Match: "b"', CLOSE],
    ['If-None-Match: "b"', `If-None-Match: ${tag}`, CLOSE],
  ]) {
    t.match(await exchange(t, port, rawRequest('GET', path, { headers })), [{ status: 304 }])
  }
  for (const [headers, status] of [
    [twice('If-Match'), 412],
    [twice('If-Match', tag), 204],
  ] as const) {
    const answers = await exchange(t, port, rawRequest('DELETE', path, { headers: [...headers] }))
    t.match(answers, [{ status }])
  }
})
