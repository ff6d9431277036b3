import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { createApi } from '../../helpers/api.ts'
import { findTool } from '../../helpers/debian.ts'
import { doSomeWork } from '../../helpers/metrics-work.ts'

// The promise: Prometheus itself takes the rules and what is scraped, and an alert fires when it should.
const RULES = fileURLToPath(new URL('../../../docs/prometheus/alerts.yaml', import.meta.url))
const CASES = fileURLToPath(new URL('alerts.yaml', import.meta.url))

const promtool = await findTool({
  name: 'promtool',
  debianPackage: 'prometheus',
  file: 'usr/bin/promtool',
})
const options = 'missing' in promtool ? { skip: promtool.missing } : {}
const path = 'path' in promtool ? promtool.path : ''
const run = promisify(execFile)

t.test('the rules are rules', options, async (t) => {
  const { stdout } = await run(path, ['check', 'rules', RULES])
  t.match(stdout, /SUCCESS: \d+ rules found/)
})

t.test('alerts fire when they should, and only then', options, async (t) => {
  const { stdout } = await run(path, ['test', 'rules', CASES])
  t.match(stdout, /SUCCESS/)
})

t.test('what is scraped is in the format, and named as Prometheus advises', options, async (t) => {
  const api = await createApi(t, { METRICS: 'public' })
  await doSomeWork(api)
  const { status, output } = await checkMetrics((await api.app.metrics?.read()) ?? '')
  // What Node's own metrics are named is not ours to say.
  const ours = output.split('\n').filter((line) => /^(reservation|http)_/.test(line))
  t.strictSame(ours, [])
  t.notMatch(output, /error while linting/)
  t.ok(status === 0 || status === 3, 'no worse than advice')
})

t.test('a text that is none is found out', options, async (t) => {
  const { output, status } = await checkMetrics('reservation_x{a="b} 1\n')
  t.match(output, /error while linting/)
  t.equal(status, 1)
})

async function checkMetrics(
  exposition: string,
): Promise<{ status: number | null; output: string }> {
  const child = spawn(path, ['check', 'metrics'], { stdio: ['pipe', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  child.stdin.end(exposition)
  const output = await text(child.stderr)
  await exited
  return { status: child.exitCode, output }
}
