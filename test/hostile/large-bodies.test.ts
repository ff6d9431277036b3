import type { Socket } from 'node:net'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import type { App } from '../../src/app.ts'
import { createApi } from '../helpers/api.ts'
import { createKey } from '../helpers/keys.ts'
import { lockEvent, openSession, untilBlocked } from '../helpers/sessions.ts'
import { createTenants } from '../helpers/tenants.ts'
import { listen, openRaw } from '../helpers/raw.ts'
import { until } from '../helpers/until.ts'

// The promise: however many large bodies are sent at once, there is memory and time for all else.

/** As many of one network, or tenant, as are let in at once while it is alone: seatings, and large bodies. */
const SEATINGS = 4
const LARGE = 8
const SEATING = { sections: [{ key: 'A', rows: [{ key: '1', seats: { from: 1, to: 2 } }] }] }

/** A request whose large body has just begun. */
function beginningOf(headers: readonly string[] = []): string {
  const head = ['PUT /api/events/1/seating HTTP/1.1', 'Host: localhost', ...headers]
  const entity = ['Content-Type: application/json', 'Content-Length: 2000000', '', '{']
  return [...head, ...entity].join('\r\n')
}

/** Begins to send large bodies, one more each time that it is asked, and ends none of them. */
async function beginMany(t: Test, app: App) {
  const port = await listen(app)
  const { server } = app
  const begun: Socket[] = []
  return {
    begun,
    begin: async (): Promise<void> => {
      const client = await openRaw(t, port)
      // Whoever asks after that comes behind it.
      const isThere = once(server, 'request')
      client.send(beginningOf())
      begun.push(client.socket)
      await isThere
    },
  }
}

t.test('a seating past those that are at work is turned away', async (t) => {
  const { ask, createEvent, reserve, database } = await createApi(t)
  const [locked, free] = [await createEvent(), await createEvent()]
  const put = (id: number) => ask('PUT', `/events/${id}/seating`, SEATING)
  t.equal((await put(free)).status, 200)
  const other = await lockEvent(t, database, locked)
  const waiting = Array.from({ length: SEATINGS }, () => put(locked))
  const refused = await until(async () => {
    const answer = await put(free)
    return answer.status !== 200 && answer
  })
  t.match(refused, {
    status: 503,
    body: { error: /overloaded/ },
    headers: { 'retry-after': /^\d/ },
  })
  t.equal((await reserve(free, 'ann')).status, 201, 'nobody else is')
  t.equal((await ask('GET', `/events/${free}/seating`)).status, 200)
  await other.rollback()
  const answers = await Promise.all(waiting)
  t.ok(answers.every(({ status }) => status === 200))
  t.equal((await put(free)).status, 200, 'there is room again')
})

t.test(
  'a large body past those that are on their way in is turned away, a small one that says so never',
  async (t) => {
    const { app, ask, createEvent } = await createApi(t)
    const id = await createEvent()
    const rename = (name: string, more = {}) => ask('PATCH', `/events/${id}`, { name, ...more })
    const padding = { padding: 'x'.repeat(70_000) }
    t.equal((await rename('large', padding)).status, 200)
    const { begun, begin } = await beginMany(t, app)
    const fill = () =>
      until(async () => {
        await begin()
        return (await rename('larger', padding)).status === 503
      })
    await fill()
    t.ok(begun.length >= LARGE)
    t.equal((await rename('small')).status, 200)
    t.equal((await ask('PUT', `/events/${id}/seating`, SEATING)).status, 200, 'nor a small seating')
    const places = begun.length
    for (const socket of begun) socket.destroy()
    t.ok(await until(async () => (await rename('large again', padding)).status === 200))
    await fill()
    t.ok(begun.length <= 2 * places, 'nobody gives back two places')
  },
)

t.test('without keys one network does not keep another from sending one', async (t) => {
  const { app, ask, createEvent } = await createApi(t)
  const id = await createEvent()
  const { begin } = await beginMany(t, app)
  const large = { name: 'Concert', padding: 'x'.repeat(70_000) }
  const isOut = await until(async () => {
    await begin()
    return (await ask('PATCH', `/events/${id}`, large)).status === 503
  })
  t.ok(isOut)
  const theirs = await app.inject({
    method: 'PATCH',
    url: `/api/events/${id}`,
    payload: large,
    remoteAddress: '192.0.2.1',
  })
  t.equal(theirs.statusCode, 200)
})

t.test('who leaves while his key is looked up takes nobody a place', async (t) => {
  const { app, ask, database } = await createTenants(t)
  const made = await ask('mine', 'POST', '/events', { name: 'Concert', total_seats: 2 })
  const port = await listen(app)
  for (let i = 0; i < LARGE; i += 1) {
    const { headers } = await createKey(database.pool, { tenant: 'mine' })
    const lookup = await openSession(t, database, 'LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE')
    const [client, [socket]] = await Promise.all([
      openRaw(t, port),
      once(app.server, 'connection') as Promise<[Socket]>,
    ])
    client.send(beginningOf([`Authorization: ${headers.authorization}`]))
    await untilBlocked(database.pool, lookup)
    client.socket.destroy()
    await once(socket, 'close')
    // Its key is looked up with that one, and it comes behind it.
    const next = app.inject({ url: '/api/events', headers })
    await lookup.rollback()
    t.equal((await next).statusCode, 200)
  }
  const large = { ...SEATING, padding: 'x'.repeat(70_000) }
  const put = await ask('mine', 'PUT', `/events/${made.body.id}/seating`, large)
  t.equal(put.status, 200)
})

t.test('one tenant does not keep another from sending one', async (t) => {
  const { ask, database } = await createTenants(t)
  const make = async (as: string) =>
    Number((await ask(as, 'POST', '/events', { name: 'Concert', total_seats: 2 })).body.id)
  const [mine, theirs] = [await make('mine'), await make('theirs')]
  const put = async (as: string, id: number) =>
    (await ask(as, 'PUT', `/events/${id}/seating`, SEATING)).status
  const other = await lockEvent(t, database, mine)
  const waiting = Array.from({ length: 2 * SEATINGS }, () => put('mine', mine))
  await until(async () => (await put('mine', mine)) === 503)
  t.equal(await put('theirs', theirs), 200)
  await other.rollback()
  const statuses = await Promise.all(waiting)
  t.ok(statuses.filter((status) => status === 200).length >= SEATINGS)
})
