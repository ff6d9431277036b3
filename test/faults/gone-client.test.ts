import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { testConfig } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { samplesOf, valueIn } from '../helpers/metrics.ts'
import { startProxy } from '../helpers/proxy.ts'
import { createEvent, seatsOf } from '../helpers/race.ts'
import { lockEvent, untilBlocked } from '../helpers/sessions.ts'
import { reserve } from '../helpers/storm.ts'
import { until } from '../helpers/until.ts'

const CLIENTS = 50

/** A request as it goes over the wire. */
function request(eventId: number, userId: string): string {
  const body = JSON.stringify({ event_id: eventId, user_id: userId })
  const head = [
    'POST /api/bookings/reserve HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

// The promise: a client that goes away while its command waits gets no booking that nobody knows
// of, and costs the database nothing.
t.test('clients go away while their commands wait for a locked event', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const proxy = await startProxy(t, database.url)
  const app = await buildApp(testConfig(proxy.url, { METRICS: 'public' }))
  t.teardown(() => app.close())
  let atWork = 0
  let gone = 0
  // Runs right before the handler, which queues the command in the same turn.
  app.addHook('preHandler', (request, _reply, done) => {
    atWork += 1
    request.raw.socket.once('close', () => (gone += 1))
    done()
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo

  const eventId = await createEvent(pool, 1000)
  const session = await lockEvent(t, database, eventId)
  const first = reserve(app, { eventId, userId: 'first' })
  await untilBlocked(pool, session)
  const sockets = Array.from({ length: CLIENTS }, () => connect(port, '127.0.0.1'))
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  sockets.forEach((socket, i) => socket.write(request(eventId, `gone ${i}`)))
  await until(async () => atWork === CLIENTS + 1)
  const waiting = valueIn(await samplesOf(app), 'reservation_commands_waiting', { queue: 'decide' })
  t.equal(waiting, CLIENTS)
  for (const socket of sockets) socket.destroy()
  await until(async () => gone === CLIENTS)

  let writes = 0
  let transactions = 0
  proxy.judge = (sql) => {
    if (/INSERT INTO bookings/.test(sql)) writes += 1
    if (/^BEGIN/.test(sql)) transactions += 1
    return 'pass'
  }
  await session.rollback()
  t.equal((await first).status, 201)
  t.equal((await reserve(app, { eventId, userId: 'last' })).status, 201)
  t.same(await seatsOf(pool, eventId), { rows: 2, users: 2, taken: 2 })
  t.same([writes, transactions], [2, 1], 'two commands, of which the first had its transaction')

  const outcomes = await until(async () => {
    const samples = await samplesOf(app)
    const of = (outcome: string) =>
      valueIn(samples, 'reservation_commands_total', { type: 'reserve', outcome })
    return of('booking') === 2 && { gone: of('client_gone'), overloaded: of('overloaded') }
  })
  t.same(outcomes, { gone: CLIENTS, overloaded: 0 }, 'nobody was turned away')
})
