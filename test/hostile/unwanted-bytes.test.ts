import type { Socket } from 'node:net'
import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { linesOf } from '../helpers/import.ts'
import { beginRaw, chunkOf } from '../helpers/import-raw.ts'
import { listen, openRaw } from '../helpers/raw.ts'
import { lockEvent, untilBlocked } from '../helpers/sessions.ts'

// The promise: of what nobody wants any more, no more is taken than 64 MiB and what comes until the next look,
// twice a second, however much time there is.

const MIB = 1024 * 1024
const SENT_MIB = 6000
/** With no time that ends before the test does. */
const ENDLESS = { REQUEST_TIMEOUT_MS: '600000' }

/** Sends as much as is taken; gives how many MiB that was. */
async function pour(socket: Socket): Promise<number> {
  const piece = Buffer.alloc(MIB, 'x')
  for (let sent = 0; sent < SENT_MIB; sent += 1) {
    const error = await new Promise((resolve) => socket.write(piece, resolve))
    if (error instanceof Error) return sent
  }
  return SENT_MIB
}

t.test('a body that comes after its answer', { timeout: 120_000 }, async (t) => {
  const { app } = await createApi(t, ENDLESS)
  const port = await listen(app)
  for (const [what, head, status] of [
    ['that nobody reads', 'GET /livez HTTP/1.1', 200],
    ['of a route that is not there', 'POST /nowhere HTTP/1.1', 404],
  ] as const) {
    await t.test(what, async (t) => {
      const client = await openRaw(t, port)
      client.send(`${head}\r\nHost: a\r\nContent-Length: 1000000000000\r\n\r\n`)
      const taken = await pour(client.socket)
      t.ok(taken < SENT_MIB, `${taken} MiB`)
      t.match(client.received(), new RegExp(`^HTTP/1.1 ${status} `))
    })
  }
})

t.test('what is no body any more', { timeout: 120_000 }, async (t) => {
  const { app, database, createEvent } = await createApi(t, ENDLESS)
  const eventId = await createEvent({ total_seats: 9 })
  const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' })
  const session = await lockEvent(t, database, eventId)
  const importing = await beginRaw(t, baseUrl, { eventId })
  await importing.write(chunkOf(linesOf({ user_id: 'ann' })))
  // As long as the line waits there is an answer due, so that the connection stays.
  await untilBlocked(database.pool, session)
  await importing.write('no chunk\r\n')
  const taken = await pour(importing.socket)
  t.ok(taken < 200, `${taken} MiB`)
  await session.rollback()
})
