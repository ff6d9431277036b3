import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { HALL, OFFER } from '../helpers/hall.ts'

const PROBLEM = { accept: 'application/problem+json' }
const FAILED = { status: 412, body: { code: 'precondition_failed' } }
const [STALLS, BOX] = HALL.sections

t.test('changes of a seating under a condition', async (t) => {
  const { ask, createEvent } = await createApi(t)
  const put = (eventId: number, body: object, headers = {}) =>
    ask('PUT', `/events/${eventId}/seating`, body, { ...PROBLEM, ...headers })
  const remove = (eventId: number, headers = {}) =>
    ask('DELETE', `/events/${eventId}/seating`, undefined, { ...PROBLEM, ...headers })
  const read = async (eventId: number): Promise<unknown> =>
    (await ask('GET', `/events/${eventId}/seating`)).body
  const tagOf = ({ headers }: Awaited<ReturnType<typeof put>>) => ({
    'if-match': String(headers['etag']),
  })

  await t.test('are made of the seating that they were made for', async (t) => {
    const eventId = await createEvent(OFFER)
    const first = await put(eventId, HALL)
    const second = await put(eventId, { sections: [STALLS] }, tagOf(first))
    t.equal(second.status, 200)
    const weak = { 'if-match': `W/${tagOf(second)['if-match']}` }
    for (const headers of [tagOf(first), weak, { 'if-match': 'x' }, { 'if-match': '' }]) {
      t.match(await put(eventId, HALL, headers), FAILED, JSON.stringify(headers))
      t.match(await put(eventId, { sections: [STALLS] }, headers), FAILED, 'nothing would change')
      t.match(await remove(eventId, headers), FAILED)
    }
    t.match((await put(eventId, HALL, weak)).body.detail, /has a weak tag/)
    t.match((await put(eventId, HALL, tagOf(first))).body.detail, /^The seating is not as If-Match/)
    t.strictSame(await read(eventId), { sections: [STALLS] })
    const either = { 'if-match': `"x", ${tagOf(second)['if-match']}` }
    t.equal((await put(eventId, HALL, either)).status, 200)
    t.equal((await remove(eventId, tagOf(first))).status, 204)
    t.match(await put(eventId, HALL, tagOf(first)), FAILED, 'it is gone')
    t.match(await remove(eventId, tagOf(first)), { status: 404 })
  })

  await t.test('tell whether there is one', async (t) => {
    const eventId = await createEvent(OFFER)
    const some = { 'if-match': '*' }
    const none = { 'if-none-match': '*' }
    t.match(await put(eventId, HALL, some), FAILED)
    t.match(await put(eventId, HALL, { ...some, ...none }), FAILED)
    const first = await put(eventId, HALL, none)
    t.equal(first.status, 200)
    t.match(await put(eventId, HALL, none), FAILED)
    t.match(await put(eventId, HALL, { ...tagOf(first), ...none }), FAILED)
    t.equal((await put(eventId, HALL, some)).status, 200)
    t.equal((await remove(eventId, some)).status, 204)
  })

  await t.test('of two at once one is made', async (t) => {
    const race = async (headers: (tag: object) => object) => {
      const eventId = await createEvent(OFFER)
      const tag = tagOf(await put(eventId, HALL))
      const halls = [STALLS, BOX].map((section) => ({ sections: [section] }))
      const answers = await Promise.all(halls.map((hall) => put(eventId, hall, headers(tag))))
      const made = answers.findIndex(({ status }) => status === 200)
      return { answers: answers.map(({ status }) => status).sort(), hall: halls[made], eventId }
    }
    const { answers, hall, eventId } = await race((tag) => tag)
    t.strictSame(answers, [200, 412])
    t.strictSame(await read(eventId), hall)
    t.strictSame((await race(() => ({}))).answers, [200, 200], 'without it the last one wins')
  })

  await t.test('are not asked again of a request that has succeeded', async (t) => {
    const eventId = await createEvent(OFFER)
    const headers = { ...tagOf(await put(eventId, HALL)), 'idempotency-key': 'smaller' }
    for (const isReplayed of [undefined, 'true']) {
      const answer = await put(eventId, { sections: [BOX] }, headers)
      t.match([answer.status, answer.headers['idempotency-replayed']], [200, isReplayed])
    }
  })
})
