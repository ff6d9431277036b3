import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { listen, openRaw } from '../helpers/raw.ts'

// The promise: a client that sends all of a body before it reads gets the answer that came before its end.

/** More than the kernel keeps of it for either of them. */
const LENGTH = 30 * 1024 * 1024

t.test('an answer before the body has come', { timeout: 120_000 }, async (t) => {
  const { app } = await createApi(t)
  const port = await listen(app)
  const json = 'Content-Type: application/json\r\n'
  for (const [head, status] of [
    [`POST /api/events HTTP/1.1\r\n${json}`, 413],
    [`POST /api/events HTTP/1.1\r\n${json}Connection: close\r\n`, 413],
    ['GET /livez HTTP/1.1\r\nConnection: close\r\n', 200],
    ['POST /nowhere HTTP/1.1\r\nConnection: close\r\n', 404],
  ] as const) {
    await t.test(head, async (t) => {
      const client = await openRaw(t, port, { reads: false })
      const bytes = `${head}Host: a\r\nContent-Length: ${LENGTH}\r\n\r\n${'x'.repeat(LENGTH)}`
      const error = await new Promise((resolve) => client.socket.write(bytes, resolve))
      t.notOk(error)
      t.match(await client.answers(), [{ status }])
    })
  }
})
