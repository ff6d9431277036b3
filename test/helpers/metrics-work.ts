import type { Api } from './api.ts'

/**
 * Has a service do something of all that it measures: bookings, refusals, a request sent again, a hold
 * that expires, somebody in line, reads, and requests for what is not there.
 *
 * @param name - stands in all that is made up
 */
export async function doSomeWork(api: Api, name = 'ann'): Promise<void> {
  const eventId = await api.createEvent({ name: `Concert of ${name}`, hold_seconds: 60 })
  const key = { 'idempotency-key': `key-of-${name}` }
  const plain = { event_id: eventId, user_id: name }
  await api.ask('POST', '/bookings/reserve', plain, key)
  await api.ask('POST', '/bookings/reserve', plain, key)
  await api.reserve(eventId, name)
  const { body } = await api.reserve(eventId, `${name}-2`, { hold: true })
  await api.reserve(eventId, `${name}-3`, { waitlist: true })
  await api.reserve(eventId, `${name}-4`, { waitlist: true })
  await api.expire(Number(body.booking.id))
  await api.reserve(eventId, `${name}-5`)
  await api.reserve(eventId, `${name}-6`)
  await api.ask('GET', `/events/${eventId}`)
  await api.ask('GET', `/events/${eventId}/history`)
  await api.ask('GET', `/nothing/${name}`)
  await api.ask('DELETE', `/bookings/${900_000 + eventId}`)
}
