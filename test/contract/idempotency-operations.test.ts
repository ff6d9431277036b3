import t from 'tap'
import { createKeyed, shown, type Call } from '../helpers/keyed.ts'

const REUSED = 'The Idempotency-Key was used for another request'

t.test('each operation under an Idempotency-Key', async (t) => {
  const { ask, createEvent, reserve, readAll, send, nextKey, makeHold } = await createKeyed(t)

  async function makeFullEvent() {
    const eventId = await createEvent({ total_seats: 1 })
    await reserve(eventId, 'ann')
    return eventId
  }

  const operations: Record<
    string,
    () => Promise<{ call: Call; status: number; eventId?: number }>
  > = {
    'create an event': () =>
      Promise.resolve({
        call: ['POST', '/events', { name: 'Once', total_seats: 3, metadata: { b: 1, a: [2] } }],
        status: 201,
      }),
    'change an event': async () => {
      const eventId = await createEvent()
      return { call: ['PATCH', `/events/${eventId}`, { total_seats: 9 }], status: 200, eventId }
    },
    'delete an event': async () => {
      const eventId = await makeFullEvent()
      return { call: ['DELETE', `/events/${eventId}?force=true`], status: 204, eventId }
    },
    reserve: async () => {
      const eventId = await createEvent()
      const payload = { event_id: eventId, user_id: 'ann' }
      return { call: ['POST', '/bookings/reserve', payload], status: 201, eventId }
    },
    hold: async () => {
      const eventId = await createEvent({ total_seats: 1 })
      const payload = { event_id: eventId, user_id: 'ann', hold: true }
      return { call: ['POST', '/bookings/reserve', payload], status: 201, eventId }
    },
    'wait in line': async () => {
      const eventId = await makeFullEvent()
      const payload = { event_id: eventId, user_id: 'bob', waitlist: true }
      return { call: ['POST', '/bookings/reserve', payload], status: 202, eventId }
    },
    confirm: async () => {
      const { eventId, url } = await makeHold()
      return { call: ['POST', `${url}/confirm`], status: 200, eventId }
    },
    extend: async () => {
      const { eventId, url } = await makeHold()
      return { call: ['POST', `${url}/extend`], status: 200, eventId }
    },
    resize: async () => {
      const { eventId, url } = await makeHold()
      return { call: ['PATCH', url, { seats: 3 }], status: 200, eventId }
    },
    cancel: async () => {
      const { eventId, url } = await makeHold()
      return { call: ['DELETE', url], status: 204, eventId }
    },
    "cancel a user's booking": async () => {
      const { eventId } = await makeHold()
      return { call: ['DELETE', `/bookings?event_id=${eventId}&user_id=ann`], status: 204, eventId }
    },
    'leave a waitlist': async () => {
      const eventId = await makeFullEvent()
      const { body } = await reserve(eventId, 'bob', { waitlist: true })
      return { call: ['DELETE', `/waitlist/${body.waitlist_entry.id}`], status: 204, eventId }
    },
  }

  const historyOf = async (eventId: number | undefined) =>
    eventId === undefined ? [] : await readAll(`/events/${eventId}/history`, 'history', 100)

  for (const [name, make] of Object.entries(operations)) {
    await t.test(`${name}: sent again it has no effect and gets the same answer`, async (t) => {
      const { call, status, eventId } = await make()
      const key = nextKey()
      const first = await send(call, key)
      t.equal(first.status, status)
      t.notOk(first.headers['idempotency-replayed'])
      const history = await historyOf(eventId)
      for (const again of [1, 2]) {
        const replayed = await send(call, key)
        t.strictSame(shown(replayed), shown(first), `again ${again}`)
        t.equal(replayed.headers['idempotency-replayed'], 'true')
      }
      t.strictSame(await historyOf(eventId), history)
      const other = await send(['POST', '/events', { name: 'Other', total_seats: 1 }], key)
      t.match(other, { status: 422, body: { error: REUSED } })
    })

    await t.test(`${name}: ten at once have one effect, and all get its answer`, async (t) => {
      const { call, status, eventId } = await make()
      const before = await historyOf(eventId)
      const key = nextKey()
      const answers = await Promise.all(Array.from({ length: 10 }, () => send(call, key)))
      const [first] = answers
      t.equal(first?.status, status)
      for (const answer of answers) t.strictSame(shown(answer), first && shown(first))
      const fresh = answers.filter(({ headers }) => headers['idempotency-replayed'] === undefined)
      t.equal(fresh.length, 1)
      const after = await historyOf(eventId)
      t.equal(after.length - before.length, eventId === undefined ? 0 : 1)
    })
  }

  await t.test('an event made by ten at once is one event', async (t) => {
    const call: Call = ['POST', '/events', { name: 'Only once', total_seats: 1 }]
    const key = nextKey()
    await Promise.all(Array.from({ length: 10 }, () => send(call, key)))
    const { body } = await ask('GET', '/events?name=only%20once')
    t.equal(body.events.length, 1)
  })
})
