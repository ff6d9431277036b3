import t, { type Test } from 'tap'
import { createApi } from '../../helpers/api.ts'
import { doSomeWork } from '../../helpers/metrics-work.ts'
import { samplesOf, valueIn, type Sample } from '../../helpers/metrics.ts'
import { lockEvent } from '../../helpers/sessions.ts'

// The promise: what the service did is what the metrics say, and they say nothing about whom it did it for.
const METRICS = { METRICS: 'public' }

const RESERVE = { method: 'POST', route: '/api/bookings/reserve' }

t.test('what was done is counted, by what came of it', async (t) => {
  const api = await createApi(t, METRICS)
  await doSomeWork(api)
  const samples = await samplesOf(api.app)
  const commands = (type: string, outcome: string) =>
    valueIn(samples, 'reservation_commands_total', { type, outcome })
  t.equal(commands('create_event', 'event'), 1)
  t.equal(commands('reserve', 'booking'), 3, 'one of them a second time')
  t.equal(commands('reserve', 'waiting'), 2)
  t.equal(commands('reserve', 'already_booked'), 1)
  t.equal(commands('reserve', 'sold_out'), 2)
  for (const outcome of ['outcome_unknown', 'internal_error', 'overloaded', 'event_busy']) {
    t.equal(commands('reserve', outcome), 0, outcome)
  }
  t.equal(valueIn(samples, 'reservation_commands_in_progress'), 0)
  t.equal(valueIn(samples, 'reservation_replays_total'), 1)
  const facts = (type: string) => valueIn(samples, 'reservation_facts_total', { type })
  t.equal(facts('booked'), 1)
  t.equal(facts('held'), 1)
  t.equal(facts('expired'), 1)
  t.equal(facts('promoted'), 1)
  t.equal(facts('waitlisted'), 2)
  t.equal(valueIn(samples, 'reservation_ready'), 1)
  t.equal(valueIn(samples, 'reservation_retries_total'), 0)
})

t.test('requests are timed by route, method and status', async (t) => {
  const api = await createApi(t, METRICS)
  await doSomeWork(api)
  const samples = await samplesOf(api.app)
  const count = (labels: Record<string, string>) =>
    valueIn(samples, 'http_server_request_duration_seconds_count', labels)
  t.equal(count({ ...RESERVE, status: '201' }), 3)
  t.equal(count({ ...RESERVE, status: '202' }), 2)
  t.equal(count({ ...RESERVE, status: '409' }), 3)
  t.equal(count({ method: 'GET', route: '/api/events/:id', status: '200' }), 1)
  t.equal(count({ method: 'GET', route: 'none', status: '404' }), 1)
  t.equal(count({ method: 'DELETE', route: '/api/bookings/:id', status: '404' }), 1)
  assertHistogram(t, samples, 'http_server_request_duration_seconds', { ...RESERVE, status: '201' })
})

t.test('batches and their transactions are timed', async (t) => {
  const api = await createApi(t, METRICS)
  await doSomeWork(api)
  const samples = await samplesOf(api.app)
  const sum = valueIn(samples, 'reservation_batch_commands_sum', { kind: 'lane' }) ?? 0
  const batches = valueIn(samples, 'reservation_batch_commands_count', { kind: 'lane' }) ?? 0
  t.ok(batches > 0 && sum >= batches)
  for (const step of ['begin', 'lock', 'load', 'decide', 'write', 'commit', 'write_and_commit']) {
    assertHistogram(t, samples, 'reservation_transaction_step_seconds', { step })
  }
  const steps = (step: string) =>
    valueIn(samples, 'reservation_transaction_step_seconds_count', { step }) ?? 0
  t.equal(steps('commit') + steps('write_and_commit'), batches, 'each was committed once')
  t.equal(steps('write'), steps('commit'))
  t.ok(steps('write_and_commit') > 0)
  t.ok((valueIn(samples, 'reservation_queue_wait_seconds_count', { kind: 'lane' }) ?? 0) >= batches)
})

t.test('an event that another session holds locked is a wait, and one in vain', async (t) => {
  const api = await createApi(t, { ...METRICS, LOCK_TIMEOUT_MS: '200' })
  const eventId = await api.createEvent()
  const other = await lockEvent(t, api.database, eventId)
  t.equal((await api.reserve(eventId, 'ann')).status, 503)
  await other.rollback()
  t.equal((await api.reserve(eventId, 'ann')).status, 201)
  const samples = await samplesOf(api.app)
  const waits = (end: string) => valueIn(samples, 'reservation_lock_wait_seconds_count', { end })
  t.equal(waits('timed_out'), 1)
  t.equal(waits('failed'), 0)
  t.ok((valueIn(samples, 'reservation_lock_wait_seconds_sum', { end: 'timed_out' }) ?? 0) >= 0.2)
  const failures = { kind: 'lock_timeout', stage: 'work' }
  t.equal(valueIn(samples, 'reservation_transaction_failures_total', failures), 1)
  const busy = { type: 'reserve', outcome: 'event_busy' }
  t.equal(valueIn(samples, 'reservation_commands_total', busy), 1)
})

t.test('what has gathered is told, as long as it has', async (t) => {
  const api = await createApi(t, METRICS)
  const eventId = await api.createEvent({ total_seats: 1 })
  const { body } = await api.reserve(eventId, 'ann', { hold: true })
  await api.reserve(eventId, 'ben', { waitlist: true })
  const over = await api.createEvent({ total_seats: 1, starts_at: '2020-01-01T00:00:00Z' })
  await api.reserve(over, 'ann')
  await api.reserve(over, 'ben', { waitlist: true })
  const { pool } = api.database
  await pool.query(`UPDATE bookings SET expires_at = now() - INTERVAL '1 hour' WHERE id = $1`, [
    body.booking.id,
  ])
  const age = 'UPDATE waitlist_entries SET created_at = now() - $2::interval WHERE event_id = $1'
  await pool.query(age, [eventId, '1 day'])
  await pool.query(age, [over, '1 year'])
  const samples = await samplesOf(api.app)
  const between = (name: string, least: number, most: number) => {
    const value = valueIn(samples, name) ?? NaN
    t.ok(value >= least && value < most, `${name} is ${value}`)
  }
  between('reservation_sweep_lag_seconds', 3600, 3700)
  between('reservation_waitlist_oldest_seconds', 86_400, 86_500)
})

t.test('nothing gathered is 0, and not nothing', async (t) => {
  const { app } = await createApi(t, METRICS)
  const samples = await samplesOf(app)
  t.equal(valueIn(samples, 'reservation_sweep_lag_seconds'), 0)
  t.equal(valueIn(samples, 'reservation_waitlist_oldest_seconds'), 0)
})

t.test('failures of the sweeper are told from zero, whatever its task', async (t) => {
  const { app } = await createApi(t, METRICS)
  const samples = await samplesOf(app)
  const tasks = ['look', 'settle', 'go_on', 'purge', 'pass_started', 'prune_keys', 'prune_holds']
  for (const task of tasks) {
    t.equal(valueIn(samples, 'reservation_sweeper_failures_total', { task }), 0, task)
  }
})

t.test('connections of both pools, and what the process takes', async (t) => {
  const api = await createApi(t, { ...METRICS, DATABASE_POOL_SIZE: '12' })
  const samples = await samplesOf(api.app)
  const max = (pool: string) => valueIn(samples, 'reservation_database_connections_max', { pool })
  t.equal(max('commands'), 12)
  t.equal(max('reads'), 5)
  for (const pool of ['commands', 'reads']) {
    t.equal(valueIn(samples, 'reservation_database_connection_waiters', { pool }), 0)
    for (const state of ['used', 'idle']) {
      const value = valueIn(samples, 'reservation_database_connections', { pool, state })
      t.ok(value !== undefined && value >= 0)
    }
  }
  t.ok((valueIn(samples, 'process_cpu_seconds_total') ?? 0) > 0)
  t.not(valueIn(samples, 'nodejs_eventloop_lag_p99_seconds'), undefined)
})

t.test('without a word about it nothing is measured', async (t) => {
  const api = await createApi(t)
  t.equal(api.app.metrics, null)
  t.equal((await api.app.inject('/metrics')).statusCode, 404)
})

/** Buckets that rise up to the count, and a sum that fits. */
function assertHistogram(
  t: Test,
  samples: readonly Sample[],
  name: string,
  labels: Record<string, string>,
): void {
  const buckets = samples.filter(
    (sample) =>
      sample.name === `${name}_bucket` &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )
  const values = buckets.map(({ value }) => value)
  t.ok(values.length > 2)
  t.strictSame(
    values,
    [...values].sort((a, b) => a - b),
  )
  t.equal(buckets.at(-1)?.labels.le, '+Inf')
  t.equal(values.at(-1), valueIn(samples, `${name}_count`, labels))
  const sum = valueIn(samples, `${name}_sum`, labels) ?? NaN
  t.ok(sum >= 0 && (sum > 0 || values.at(-1) === 0))
}
