import { randomBytes } from 'node:crypto'
import t from 'tap'
import { createApi } from '../../helpers/api.ts'
import { doSomeWork } from '../../helpers/metrics-work.ts'
import { samplesOf, type Sample } from '../../helpers/metrics.ts'

// The promise: series are as many as the code has names, however many events, users and paths there are.
const MANY = 40
/** Statuses of one and the same request that differ from run to run. */
const METHODS = ['PROPFIND', 'LOCK', 'REPORT', 'MKCOL', 'TRACE']

function seriesOf(samples: readonly Sample[]): string[] {
  const texts = samples.map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`)
  // What the process has open and how it collects garbage is its own affair, and bounded by Node.
  return texts.filter((text) => text.startsWith('reservation_') || text.startsWith('http_')).sort()
}

t.test('many events, users, keys and paths are no more series than one', async (t) => {
  const few = await createApi(t, { METRICS: 'public' })
  await doSomeWork(few)
  const many = await createApi(t, { METRICS: 'public' })
  for (let i = 0; i < MANY; i += 1) await doSomeWork(many, `user-${i}`)
  t.strictSame(seriesOf(await samplesOf(many.app)), seriesOf(await samplesOf(few.app)))
})

t.test('paths and methods that nobody knows are one route', async (t) => {
  const { app } = await createApi(t, { METRICS: 'public' })
  for (let i = 0; i < MANY; i += 1) {
    const url = `/${randomBytes(8).toString('hex')}/${i}?q=${i}`
    await app.inject({ method: i % 2 === 0 ? 'GET' : 'POST', url })
    await app.inject({ method: 'PUT', url: `/api/events/${i}` })
  }
  // light-my-request takes whatever Node's parser does.
  for (const method of METHODS) {
    await app.inject({ method: method as 'GET', url: '/x' })
  }
  const samples = await samplesOf(app)
  const counts = samples.filter(({ name }) => name === 'http_server_request_duration_seconds_count')
  const labels = counts.map((sample) => Object.values(sample.labels).sort().join(' ')).sort()
  t.strictSame(labels, ['404 GET none', '404 POST none', '404 _OTHER none', '405 PUT none'])
})

t.test('no label has a name or a value that comes from outside', async (t) => {
  const api = await createApi(t, { METRICS: 'public' })
  const secret = randomBytes(8).toString('hex')
  await doSomeWork(api, secret)
  const text = (await api.app.metrics?.read()) ?? ''
  t.ok(text.includes('reservation_facts_total{type="booked"} 1'))
  t.notOk(text.includes(secret))
})
