import t from 'tap'
import { createApi } from '../helpers/api.ts'

t.test('queries', async (t) => {
  const { app, ask, createEvent, reserve } = await createApi(t)
  const eventId = await createEvent()
  const { body } = await reserve(eventId, 'ann')
  const bookingId = String(body.booking.id)

  await t.test('a member that a route does not know is 400 and changes nothing', async (t) => {
    const listing = 'which knows event_id, user_id, status, reference, order, limit and cursor'
    t.match(await ask('GET', '/bookings?userId=ann'), {
      status: 400,
      body: { error: `userId is not a parameter of this request, ${listing}` },
    })
    const requests = [
      ['GET', `/events?names=x`],
      ['GET', `/events/${eventId}?fields=id`],
      ['GET', `/events/${eventId}/waitlist?user=ann`],
      ['GET', `/events/${eventId}/history?since=1`],
      ['GET', `/bookings/${bookingId}?x`],
      ['GET', '/bookings?=1'],
      ['GET', '/bookings?__proto__=1'],
      ['GET', '/bookings?toString=1'],
      ['POST', '/events?dry_run=true'],
      ['POST', '/bookings/reserve?user_id=bob'],
      ['POST', `/bookings/${bookingId}/confirm?x=1`],
      ['POST', `/bookings/${bookingId}/extend?x=1`],
      ['PATCH', `/events/${eventId}?x=1`],
      ['PATCH', `/bookings/${bookingId}?seats=1`],
      ['DELETE', `/bookings/${bookingId}?force=true`],
      ['DELETE', `/events/${eventId}?forced=true`],
      ['DELETE', '/waitlist/1?force=true'],
    ] as const
    const good = { event_id: eventId, user_id: 'bob', name: 'x', total_seats: 1, seats: 1 }
    for (const [method, url] of requests) {
      const payload = method === 'POST' || method === 'PATCH' ? good : undefined
      const { status, body: failure } = await ask(method, url, payload)
      t.equal(status, 400, `${method} ${url}`)
      t.match(failure.error, / is not a parameter of this request, which knows /)
    }
    const { body: bookings } = await ask('GET', '/bookings')
    t.strictSame(bookings.bookings, [body.booking])
    t.equal((await ask('GET', `/events/${eventId}`)).body.name, 'Concert')
  })

  await t.test('a long name is not sent back whole', async (t) => {
    const { status, body: failure } = await ask('GET', `/bookings?${'x'.repeat(4000)}=1`)
    t.equal(status, 400)
    t.ok(failure.error.length < 200)
  })

  await t.test('an empty cursor is the first page', async (t) => {
    const lists = ['/bookings', '/events', `/events/${eventId}/waitlist`]
    for (const url of [...lists, `/events/${eventId}/history`]) {
      const first = await ask('GET', url)
      t.equal(first.status, 200)
      t.strictSame((await ask('GET', `${url}?cursor=`)).body, first.body)
    }
  })

  await t.test('probes and the greeting are asked with any', async (t) => {
    for (const url of ['/?x=1', '/api?x=1', '/livez?x=1', '/readyz?x=1']) {
      t.equal((await app.inject(url)).statusCode, 200, url)
    }
  })
})
