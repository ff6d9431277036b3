import t, { type Test } from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { createEvent, seatsOf } from '../helpers/race.ts'
import { listen, openRaw, rawRequest } from '../helpers/raw.ts'
import { lockEvent, openSession, untilBlocked } from '../helpers/sessions.ts'
import { until } from '../helpers/until.ts'

// The promise: a client that sends FIN behind its request gets its answer; one that has left is
// noticed all the same, and what it asked for is dropped while it waits.

/** Half a second by design; the rest is for a slow machine. */
const NOTICED_WITHIN_MS = 3000

async function start(t: Test) {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database })
  const port = await listen(app)
  return { database, app, port }
}

function reservation(eventId: number, userId: string): string {
  const body = { event_id: eventId, user_id: userId }
  return rawRequest('POST', '/api/bookings/reserve', { body })
}

t.test('a client that sends no more gets every answer, and nothing else', async (t) => {
  const { database, port } = await start(t)
  const eventId = await createEvent(database.pool, 1000)
  const users = Array.from({ length: 100 }, (_, i) => `user ${i}`)
  for (const count of [1, 2, users.length]) {
    const client = await openRaw(t, port)
    client.send(
      users
        .slice(0, count)
        .map((user) => reservation(eventId, `${count} ${user}`))
        .join(''),
    )
    client.finish()
    // On a slow machine an interim answer may come before one of them.
    const answers = (await client.answers()).filter(({ status }) => status !== 102)
    t.equal(answers.length, count)
    t.same(
      answers.map(({ status, body }) => [status, /"user_id":"([^"]+)"/.exec(body)?.[1]]),
      users.slice(0, count).map((user) => [201, `${count} ${user}`]),
    )
  }
  const client = await openRaw(t, port)
  client.send('POST /api/bookings/reserve HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{')
  client.finish()
  t.match(await client.answers(), [{ status: 400 }], 'a request that it broke off is refused')
})

t.test('its answer may take its time', async (t) => {
  const { database, port } = await start(t)
  const eventId = await createEvent(database.pool, 10)
  const session = await lockEvent(t, database, eventId)
  const client = await openRaw(t, port)
  client.send(reservation(eventId, 'patient'))
  client.finish()
  const old = await openRaw(t, port)
  old.send(reservation(eventId, 'old').replace('HTTP/1.1', 'HTTP/1.0'))
  old.finish()
  await until(async () => client.received() !== '', 'an interim answer')
  await session.rollback()
  const answers = await client.answers()
  t.equal(answers.at(-1)?.status, 201)
  t.ok(
    answers.slice(0, -1).every(({ head }) => head === 'HTTP/1.1 102 Processing'),
    'the others are interim',
  )
  t.match(await old.answers(), [{ status: 201 }], 'HTTP/1.0 has no interim answers')
})

t.test('a client that has left is noticed while its request waits', async (t) => {
  const { database, app, port } = await start(t)
  const eventId = await createEvent(database.pool, 10)
  let closedAt = 0
  const cases = [
    {
      what: 'a command',
      lock: () => lockEvent(t, database, eventId),
      bytes: reservation(eventId, 'gone'),
    },
    {
      what: 'a read',
      lock: () => openSession(t, database, 'LOCK TABLE events'),
      bytes: rawRequest('GET', `/api/events/${eventId}`),
    },
    {
      what: 'two pipelined commands',
      lock: () => lockEvent(t, database, eventId),
      bytes: reservation(eventId, 'gone 1') + reservation(eventId, 'gone 2'),
    },
  ]
  for (const { what, lock, bytes } of cases) {
    await t.test(what, async (t) => {
      const session = await lock()
      app.server.once('connection', (socket) => socket.once('close', () => (closedAt = Date.now())))
      const client = await openRaw(t, port)
      client.send(bytes)
      await untilBlocked(database.pool, session)
      closedAt = 0
      const leftAt = Date.now()
      client.socket.destroy()
      await until(async () => closedAt !== 0, 'the end of the connection')
      t.ok(closedAt - leftAt < NOTICED_WITHIN_MS, `${closedAt - leftAt} ms`)
      await session.rollback()
    })
  }
  t.ok((await seatsOf(database.pool, eventId)).rows <= 2, 'only what was at work already')
})
