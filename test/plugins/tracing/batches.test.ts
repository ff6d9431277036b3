import t from 'tap'
import { createApi } from '../../helpers/api.ts'
import { untilHandled } from '../../helpers/handled.ts'
import { startCollector, type SeenSpan } from '../../helpers/otlp.ts'
import { lockEvent, untilBlocked } from '../../helpers/sessions.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const TRACEPARENT = `00-${TRACE_ID}-b7ad6b7169203331-01`

const isOf =
  ({ traceId, spanId }: SeenSpan) =>
  (link: { traceId: string; spanId: string }): boolean =>
    link.traceId === traceId && link.spanId === spanId

t.test("a request's command leads to its batch, whose steps are spans in order", async (t) => {
  const collector = await startCollector(t)
  const api = await createApi(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint })
  const id = await api.createEvent({ total_seats: 1 })
  const reservation = { event_id: id, user_id: 'ann' }
  const headers = { traceparent: TRACEPARENT }
  const reserved = await api.ask('POST', '/bookings/reserve', reservation, headers)
  t.equal(reserved.status, 201)
  await api.app.close()

  const [request] = collector.named('POST /api/bookings/reserve')
  const queues = collector.named('queue').filter(({ traceId }) => traceId === TRACE_ID)
  const [queue] = queues
  if (request === undefined || queue === undefined) throw new Error('spans are missing')
  t.equal(queues.length, 1)
  t.equal(queue.parentSpanId, request.spanId)
  t.equal(queue.links.length, 1)

  const batch = collector.named('batch').find((span) => queue.links.some(isOf(span)))
  if (batch === undefined) throw new Error('there is no such batch')
  t.ok(request.links.some(isOf(batch)), 'the request itself leads there too')
  t.ok(batch.links.some(isOf(request)), 'and back')
  t.equal(batch.parentSpanId, undefined, 'a trace of its own')
  t.not(batch.traceId, TRACE_ID)
  t.match(batch.attributes, {
    'reservation.batch.mode': 'skip',
    'reservation.batch.size': 1,
    'reservation.batch.keys': 1,
    'reservation.batch.tries': 1,
  })

  const steps = collector.spans.filter(({ parentSpanId }) => parentSpanId === batch.spanId)
  const names = steps.map(({ name }) => name).join(' ')
  t.match(names, /^begin lock load decide write(_and_| )commit$/)
  let reached = batch.startedAt
  for (const { name, traceId, startedAt, endedAt } of steps) {
    t.equal(traceId, batch.traceId)
    t.ok(startedAt >= reached && endedAt >= startedAt, `${name} begins where the last step ended`)
    reached = endedAt
  }
  t.ok(batch.endedAt >= reached, 'all within the time of the batch')
  t.notMatch(collector.text(), /\bann\b/, 'no user gets out')
})

t.test('requests at once share a batch, and each leads to it', async (t) => {
  const collector = await startCollector(t)
  const api = await createApi(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, LANES: '1' })
  const requests = 200
  const id = await api.createEvent({ total_seats: requests })
  // While somebody else has the event, all gather behind the first one, which waits for it.
  const session = await lockEvent(t, api.database, id)
  const [first = '', ...users] = Array.from({ length: requests }, (_, n) => `user ${n}`)
  const answers = [api.reserve(id, first)]
  await untilBlocked(api.database.pool, session)
  const handled = untilHandled(users.length)
  answers.push(...users.map((user) => api.reserve(id, user)))
  await handled
  await session.rollback()
  const statuses = (await Promise.all(answers)).map(({ status }) => status)
  t.strictSame(new Set(statuses), new Set([201]))
  await api.app.close()

  const batches = collector.named('batch')
  const sent = collector.named('POST /api/bookings/reserve')
  t.equal(sent.length, requests)
  const known = (link: { traceId: string; spanId: string }) =>
    batches.find((batch) => isOf(batch)(link))
  const led = sent.map(({ links }) => links.map(known).filter((batch) => batch !== undefined))
  t.notOk(
    led.some((of) => of.length === 0),
    'each leads to a batch',
  )
  const largest = Math.max(...batches.map((batch) => led.filter((of) => of.includes(batch)).length))
  t.ok(largest > 128, `${largest} requests shared one`)
  t.equal(Math.max(...batches.map(({ links }) => links.length)), 128, 'a batch leads to so many')
})

t.test('a batch that fails says at which step, by the kind of failure alone', async (t) => {
  const collector = await startCollector(t)
  const api = await createApi(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    LOCK_TIMEOUT_MS: '200',
  })
  const id = await api.createEvent()
  const session = await lockEvent(t, api.database, id)
  const { status } = await api.reserve(id, 'ann')
  await session.rollback()
  t.equal(status, 503)
  await api.app.close()

  const failed = collector.spans.find(({ attributes }) => 'error.type' in attributes)
  t.match(failed, { name: 'lock', status: { code: 2 } })
  t.match(failed?.attributes, { 'error.type': 'lock_timeout', 'reservation.stage': 'work' })
  t.notHas(failed?.status, 'message')
  const turns = collector
    .named('queue')
    .filter(({ attributes }) => attributes['reservation.queue.turn'] === 2)
  t.equal(turns.length, 1, 'its command came to a second batch, which waited')
})

t.test('what a plain read refuses leads to that read', async (t) => {
  const collector = await startCollector(t)
  const api = await createApi(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint })
  const id = await api.createEvent({ total_seats: 1 })
  for (const user of ['ann', 'ben', 'cid']) await api.reserve(id, user)
  await api.app.close()
  const [screen, other] = collector.named('screen')
  if (screen === undefined) throw new Error('there is none')
  t.equal(other, undefined)
  const last = collector.named('POST /api/bookings/reserve').at(-1)
  t.ok(last?.links.some(isOf(screen)))
})
