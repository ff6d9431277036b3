import t from 'tap'
import { idOfReference } from '../../src/domain/reference.ts'
import { createApi } from '../helpers/api.ts'

t.test('a booking is found by its reference', async (t) => {
  const { ask, createEvent, reserve, expire } = await createApi(t)
  const eventId = await createEvent({ total_seats: 5 })
  const { booking } = (await reserve(eventId, 'ann')).body
  const hold = (await reserve(eventId, 'bob', { hold: true })).body.booking
  const find = (reference: string, more = '') =>
    ask('GET', `/bookings?reference=${encodeURIComponent(reference)}${more}`)
  const found = (thing: object) => ({ bookings: [thing], next_cursor: null })
  const none = { bookings: [], next_cursor: null }

  await t.test('as it is shown, and as people write it', async (t) => {
    const reference = String(booking.reference)
    t.equal(idOfReference(reference), booking.id)
    const typed = ` ${reference.slice(0, 4).toLowerCase()}-${reference.slice(4)}`
    for (const text of [reference, typed]) t.strictSame((await find(text)).body, found(booking))
    t.strictSame((await ask('GET', `/bookings/${booking.id}`)).body, booking)
    t.strictSame((await find(hold.reference)).body, found(hold))
  })

  await t.test('among those that the other filters leave', async (t) => {
    const fits = `&event_id=${eventId}&user_id=ann&status=confirmed&limit=1`
    t.strictSame((await find(booking.reference, fits)).body, found(booking))
    for (const other of ['event_id=2147483647', 'user_id=bob', 'status=held']) {
      t.strictSame((await find(booking.reference, `&${other}`)).body, none, other)
    }
  })

  await t.test('not where there is none, or no more', async (t) => {
    t.strictSame((await find('ZZZZZZZZ')).body, none)
    await expire(hold.id)
    t.strictSame((await find(hold.reference)).body, none)
    t.match((await find(hold.reference, '&status=expired')).body, found({ id: hold.id }))
    await ask('DELETE', `/bookings/${booking.id}`)
    t.strictSame((await find(booking.reference)).body, none)
  })

  await t.test('400 for what can be none', async (t) => {
    const error = 'reference must be the reference of a booking, such as TFP7XJZ3'
    for (const text of [
      '',
      'TFP7XJZ',
      'TFP7XJZ0',
      '22222222222',
      'ß'.repeat(4),
      'A'.repeat(1000),
    ]) {
      t.match(await find(text), { status: 400, body: { error } }, text)
    }
  })
})
