import { readFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { createApi } from '../../helpers/api.ts'
import { doSomeWork } from '../../helpers/metrics-work.ts'
import { samplesOf, type Sample } from '../../helpers/metrics.ts'
import { faultsOf, labelsOf } from '../../helpers/promql.ts'
import { lockEvent } from '../../helpers/sessions.ts'

// The promise: every query of the dashboard and of the alerts asks for what a service that has worked
// does answer. No chart is empty because a name has changed, and no alert is silent for it.

interface Query {
  readonly where: string
  readonly expr: string
  /** Texts with `{{label}}` or `{{ $labels.label }}`. */
  readonly texts: readonly string[]
}

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly x: number; readonly w: number }
  readonly datasource?: { readonly uid: string }
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
}

interface Dashboard {
  readonly panels: readonly Panel[]
  readonly templating: {
    readonly list: readonly { name: string; type: string; definition?: string }[]
  }
}

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { alert: string; expr: string; annotations: Record<string, string> }[]
  }[]
}

const readText = (path: string) =>
  readFile(new URL(`../../../docs/${path}`, import.meta.url), 'utf8')

async function readDashboard(): Promise<Dashboard> {
  return JSON.parse(await readText('grafana/dashboard.json')) as Dashboard
}

async function queriesOfDashboard(): Promise<Query[]> {
  const dashboard = await readDashboard()
  const queries: Query[] = []
  for (const panel of dashboard.panels) {
    for (const { expr, legendFormat } of panel.targets ?? []) {
      queries.push({ where: panel.title, expr: withoutVariables(expr), texts: [legendFormat] })
    }
  }
  for (const { name, definition } of dashboard.templating.list) {
    const [, expr] = /^label_values\((.*), \w+\)$/.exec(definition ?? '') ?? []
    if (expr !== undefined) queries.push({ where: name, expr: withoutVariables(expr), texts: [] })
  }
  return queries
}

async function queriesOfAlerts(): Promise<Query[]> {
  const { groups } = parse(await readText('prometheus/alerts.yaml')) as Rules
  const queries: Query[] = []
  for (const { alert, expr, annotations } of groups.flatMap(({ rules }) => rules)) {
    queries.push({ where: alert, expr, texts: Object.values(annotations) })
  }
  return queries
}

/** Grafana puts in what stands for a time; what stands for a job is of a label that is Prometheus's. */
function withoutVariables(expr: string): string {
  return expr.replaceAll('$__rate_interval', '5m')
}

/** What a service answers that has done something of everything, a 503 and a 500 among it. */
async function samplesAfterWork(t: Test): Promise<Sample[]> {
  const api = await createApi(t, { METRICS: 'public', LOCK_TIMEOUT_MS: '100' })
  await doSomeWork(api)
  const eventId = await api.createEvent()
  const other = await lockEvent(t, api.database, eventId)
  t.equal((await api.reserve(eventId, 'ann')).status, 503)
  await other.rollback()
  // What only whoever runs the database can have caused is a 500.
  await api.database.pool.query(`ALTER SEQUENCE events_id_seq MAXVALUE ${eventId}`)
  t.equal((await api.ask('POST', '/events', { name: 'x', total_seats: 1 })).status, 500)
  return samplesOf(api.app)
}

t.test('every series and label that is asked for is there', async (t) => {
  const samples = await samplesAfterWork(t)
  const dashboard = await queriesOfDashboard()
  const alerts = await queriesOfAlerts()
  t.ok(dashboard.length > 30)
  t.ok(alerts.length > 10)
  for (const { where, expr, texts } of [...dashboard, ...alerts]) {
    t.strictSame(faultsOf(expr, samples), [], `${where}: ${expr}`)
    const labels = labelsOf(expr, samples)
    for (const text of texts) {
      const used = [...text.matchAll(/\{\{ *(?:\$labels\.)?(\w+) *\}\}/g)].map(([, label]) => label)
      for (const label of used) t.ok(labels.has(String(label)), `${where} shows ${label}`)
    }
  }
})

t.test('every metric of ours is explained', async (t) => {
  const text = await readText('operations.md')
  const { app } = await createApi(t, { METRICS: 'public' })
  const exposition = (await app.metrics?.read()) ?? ''
  const names = [...exposition.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name)
  const ours = names.filter((name) => /^(reservation|http)_/.test(name))
  t.ok(ours.length > 15)
  for (const name of ours) t.ok(text.includes(`\`${name}\``), name)
})

t.test('a query that asks for something else is found out', async (t) => {
  const samples = await samplesAfterWork(t)
  const wrong = [
    'sum(reservation_commands)',
    'sum(rate(reservation_commands_total{outcome="unknown_outcome"}[5m]))',
    'sum(rate(reservation_commands_total{code="booking"}[5m]))',
    'sum by (code) (rate(reservation_commands_total[5m]))',
    'histogram_quantile(0.9, sum by (le) (rate(reservation_batch_commands_sum[5m])))',
    'rate(reservation_commands_total[5m]) / on (typ) reservation_ready',
    'sum(rate(reservation_commands_total[5m])',
    'rate(http_server_request_duration_seconds_count{status=~"7.."}[5m])',
  ]
  for (const expr of wrong) t.not(faultsOf(expr, samples).length, 0, expr)
  t.strictSame(faultsOf('sum by (type) (rate(reservation_commands_total[5m]))', samples), [])
})

t.test('Grafana can import the dashboard', async (t) => {
  const { panels, templating } = await readDashboard()
  t.equal(templating.list[0]?.type, 'datasource')
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length, 'ids are unique')
  for (const panel of panels.filter(({ type }) => type !== 'row')) {
    t.equal(panel.datasource?.uid, '${datasource}', panel.title)
    t.ok(panel.gridPos.x + panel.gridPos.w <= 24, panel.title)
    t.ok(panel.targets?.length, panel.title)
  }
})
