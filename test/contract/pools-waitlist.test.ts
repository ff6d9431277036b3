import t from 'tap'
import { createPoolsApi, HALL, of, shown } from '../helpers/pools.ts'

t.test('those who wait for pools', async (t) => {
  const { ask, createEvent, reserve, readAll, eventOf, problemOf } = await createPoolsApi(t)

  await t.test('those who wait have lines, and are served by them', async (t) => {
    const eventId = await createEvent(HALL)
    const first = await reserve(eventId, 'ann', { lines: [of('vip', 2)] })
    const waiting = await reserve(eventId, 'bob', { lines: [of('vip')], waitlist: true })
    const { waitlist_entry: entry } = waiting.body
    t.match(entry, { seats: 1, position: 1 })
    t.same(entry.lines, shown(of('vip')))
    const { body: list } = await ask('GET', `/events/${eventId}/waitlist`)
    t.same(list.waitlist[0].lines, shown(of('vip')))
    t.same((await ask('GET', `/waitlist/${entry.id}`)).body.lines, shown(of('vip')))
    const changed = await ask('PATCH', `/bookings/${first.body.booking.id}`, {
      lines: [of('vip'), of('adult')],
    })
    t.same([changed.status, changed.body.seats], [200, 2])
    t.same(changed.body.lines, shown(of('vip'), of('adult')))
    const { body: ofBob } = await ask('GET', `/bookings?event_id=${eventId}&user_id=bob`)
    t.equal(ofBob.bookings.length, 1)
    t.same(ofBob.bookings[0].lines, shown(of('vip')))
    t.equal((await eventOf(eventId)).waitlist_length, 0)
  })

  await t.test('who waits and books something else gives up the place in line', async (t) => {
    const eventId = await createEvent(HALL)
    await reserve(eventId, 'ann', { lines: [of('vip', 2)] })
    await reserve(eventId, 'bob', { lines: [of('vip')], waitlist: true })
    t.equal((await reserve(eventId, 'bob', { lines: [of('adult')] })).status, 201)
    t.match(await eventOf(eventId), { waitlist_length: 0, available_seats: 1 })
    const history = await readAll(`/events/${eventId}/history`, 'history', 10)
    t.strictSame(
      history.slice(-2).map(({ type }) => type),
      ['left_waitlist', 'booked'],
    )
  })

  await t.test('who waits for more takes what is left, which nobody else waits for', async (t) => {
    const eventId = await createEvent(HALL)
    await reserve(eventId, 'ann', { lines: [of('vip')] })
    const waiting = await reserve(eventId, 'bob', { lines: [of('vip', 2)], waitlist: true })
    t.equal(waiting.status, 202)
    const again = await problemOf(eventId, 'bob', { lines: [of('vip', 2)], waitlist: true })
    t.match(again, { status: 409, code: 'already_waiting' })
    const newcomer = await problemOf(eventId, 'cy', { lines: [of('vip')] })
    t.match(newcomer, { status: 409, code: 'sold_out', pool: 'front', waiting_before: 1 })
    t.equal((await reserve(eventId, 'bob', { lines: [of('vip')] })).status, 201)
    t.match(await eventOf(eventId), { waitlist_length: 0, available_seats: 2 })
  })
})
