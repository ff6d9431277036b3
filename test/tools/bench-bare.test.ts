import t from 'tap'
import { bareApp } from '../bench/candidates/bare.ts'
import { createApi } from '../helpers/api.ts'

const shapeOf = (body: object): string[] => Object.keys(body)

t.test('the bare route answers what the service answers', async (t) => {
  const { createEvent, reserve, ask } = await createApi(t)
  const bare = bareApp()
  t.teardown(() => bare.close())

  const id = await createEvent()
  const payload = { event_id: id, user_id: 'ann' }
  const made = await bare.inject({ method: 'POST', url: '/api/bookings/reserve', payload })
  const booked = await reserve(id, 'ann')
  t.equal(made.statusCode, booked.status)
  t.same(shapeOf(made.json()), shapeOf(booked.body))
  t.same(shapeOf(made.json().booking), shapeOf(booked.body.booking))

  const event = await bare.inject(`/api/events/${id}`)
  t.same(shapeOf(event.json()), shapeOf((await ask('GET', `/events/${id}`)).body))
})
