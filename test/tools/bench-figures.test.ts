import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { baselineOf, ratioTo } from '../bench/baseline.ts'
import { compare } from '../bench/comparison.ts'
import { cpuMicrosOfFamily, parseStat } from '../bench/cpu.ts'
import { figuresOf } from '../bench/figures.ts'
import { BEST, GOALS } from '../bench/goals.ts'
import type { Measurement } from '../bench/measure.ts'
import { medianOf } from '../bench/metrics.ts'
import { comparisonTable } from '../bench/report/comparison.ts'
import { scenarioTable } from '../bench/report/table.ts'
import type { Results } from '../bench/results.ts'
import { SCENARIOS } from '../bench/scenarios.ts'

// How the benchmark reckons, on results that are made up.

const MEASUREMENT: Measurement = {
  statuses: {},
  unanswered: 0,
  answers: 0,
  requestsPerSecond: 0,
  goodPerSecond: 0,
  medianMs: 0,
  p99Ms: 0,
  maxMs: 0,
  generatorMicrosPerAnswer: 10,
  generatorShare: 0.25,
  serverMicrosPerAnswer: 60,
  postgresMicrosPerAnswer: 30,
  faults: [],
}

type Made = Partial<Measurement>

/** The rounds of runs of one scenario. */
function made(scenario: string, runs: Record<string, readonly Made[]>): Results {
  const measured = Object.entries(runs).map(([run, rounds]) => [
    run,
    rounds.map((round) => ({ ...MEASUREMENT, ...round })),
  ])
  return { [scenario]: Object.fromEntries(measured) as Record<string, Measurement[]> }
}

function rates(...values: number[]): Made[] {
  return values.map((requestsPerSecond) => ({ requestsPerSecond }))
}

function scenarioOf(name: string) {
  const scenario = SCENARIOS.find((one) => one.name === name)
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`)
  return scenario
}

function figureOf(results: Results, text: string) {
  return figuresOf(results).find((figure) => figure.text === text)
}

t.test('every goal names a scenario, and runs of it', (t) => {
  for (const { scenario, of, to, text } of GOALS) {
    const ids = scenarioOf(scenario).runs.map(({ id }) => id)
    for (const run of [of, to]) t.ok(run === BEST || ids.includes(run), `${text}: ${run}`)
  }
  const texts = GOALS.map(({ text }) => text)
  t.equal(new Set(texts).size, texts.length, 'no two goals are called the same')
  t.ok(
    GOALS.some(({ scenario }) => scenario === 'pages'),
    'the goals for lists follow from the scenario',
  )
  t.end()
})

t.test('runs and scenarios are told apart by their names', (t) => {
  const names = SCENARIOS.map(({ name }) => name)
  t.equal(new Set(names).size, names.length)
  for (const { name, runs } of SCENARIOS) {
    t.equal(new Set(runs.map(({ id }) => id)).size, runs.length, name)
  }
  t.end()
})

t.test('a figure is the ratio of two medians', (t) => {
  const results = made('hot', { service: rates(50, 66, 90), bare: rates(100, 110, 400) })
  t.match(figureOf(results, 'one hot event booked, to the bare route'), {
    ratio: 0.6,
    bound: 'at least',
    isReached: true,
  })
  const slower = made('hot', { service: rates(50, 65, 90), bare: rates(100, 110, 400) })
  t.match(figureOf(slower, 'one hot event booked, to the bare route'), { isReached: false })
  t.same(figuresOf(made('hot', { service: rates(1) })), [], 'none without the other side')
  t.end()
})

t.test('a goal may be about something else than its scenario', (t) => {
  const results = made('one-client', {
    service: [{ medianMs: 3, serverMicrosPerAnswer: 500 }],
    single: [{ medianMs: 2, serverMicrosPerAnswer: 100 }],
  })
  t.match(figureOf(results, "one client, median latency to the single statement's"), {
    ratio: 1.5,
    isReached: true,
  })
  t.match(figureOf(results, "one client, the process's CPU to the single statement's"), {
    ratio: 5,
    isReached: false,
  })
  const bookings = (p99Ms: number): Made => ({
    p99Ms: 1,
    bookings: { medianMs: 1, p99Ms, maxMs: p99Ms, perSecond: 1 },
  })
  const mixed = made('mixed', { service: [bookings(30)], 'service-alone': [bookings(20)] })
  t.equal(figureOf(mixed, "p99 of those bookings, to bookings' alone")?.ratio, 1.5)
  t.equal(medianOf(mixed, 'mixed', 'service', 'p99Ms'), 1)
  t.end()
})

t.test('the best of all may be the measure', (t) => {
  const good = (goodPerSecond: number): Made[] => [{ goodPerSecond }]
  const results = made('goodput-reads', { '256': good(80), '900': good(100), '5000': good(69) })
  t.same(
    figuresOf(results).map(({ ratio, isReached }) => ({ ratio, isReached })),
    [{ ratio: 0.69, isReached: false }],
  )
  t.end()
})

t.test('what a run is held against', (t) => {
  const baseOf = (name: string, run: string) => baselineOf(scenarioOf(name), run)
  t.equal(baseOf('hot', 'service'), 'bare')
  t.equal(baseOf('hot', 'prisma'), 'bare')
  t.equal(baseOf('hot', 'bare'), null)
  t.equal(baseOf('keys', 'service'), 'service-plain')
  t.equal(baseOf('keys', 'service-plain'), null)
  t.equal(baseOf('two-processes', 'service'), 'service-one')
  t.equal(baseOf('goodput-reads', '5000'), '256', 'without a goal for it, the first')
  t.equal(baseOf('goodput-reads', '256'), null)
  for (const { runs, name } of SCENARIOS) {
    for (const { id } of runs) {
      const base = baseOf(name, id)
      t.ok(base === null || runs.some((run) => run.id === base), `${name}, ${id}: ${base ?? ''}`)
    }
  }
  t.end()
})

t.test('ratios are of medians, and round by round', (t) => {
  const results = made('hot', { service: rates(50, 90, 60), bare: rates(100, 100, 200) })
  t.same(ratioTo(results, 'hot', 'service', 'bare'), {
    ofMedians: 0.6,
    ofRounds: [0.5, 0.9, 0.3],
  })
  t.ok(Number.isNaN(ratioTo(results, 'hot', 'service', 'single').ofMedians), 'not measured')
  t.end()
})

t.test('compared are ratios, not what two runs measured', (t) => {
  const before = made('hot', { service: rates(60, 61, 62), bare: rates(100, 100, 100) })
  const onHalfTheMachine = made('hot', { service: rates(30, 30.5, 31), bare: rates(50, 50, 50) })
  t.match(compare(before, onHalfTheMachine), [
    { base: 'bare', before: 0.61, now: 0.61, isSlower: false },
  ])
  const slower = made('hot', { service: rates(90, 91, 92), bare: rates(200, 200, 200) })
  t.match(compare(before, slower), [{ now: 0.455, isSlower: true }], 'though it does more')
  t.match(comparisonTable(before, slower), /bare +0\.61 × +0\.46 × +0\.746 × +SLOWER$/m)
  t.match(compare(slower, before), [{ isSlower: false }])
  t.end()
})

t.test('slower is what differs by more than the rounds do, and by more than 5 %', (t) => {
  const bare = rates(100, 100, 100)
  const before = made('hot', { service: rates(70, 80, 90), bare })
  const isSlower = (...values: number[]) =>
    compare(before, made('hot', { service: rates(...values), bare })).map((one) => one.isSlower)
  t.same(isSlower(60, 65, 71), [false], 'one round was as good as the worst before')
  t.same(isSlower(60, 65, 69), [true])
  const steady = made('hot', { service: rates(80, 80, 80), bare })
  const little = made('hot', { service: rates(77, 77, 77), bare })
  t.match(compare(steady, little), [{ isSlower: false }])
  t.end()
})

t.test('of times less is better', (t) => {
  const p99 = (...values: number[]): Made[] => values.map((p99Ms) => ({ p99Ms }))
  const before = made('storm', { service: p99(20), 'service-calm': p99(10) })
  const now = made('storm', { service: p99(30), 'service-calm': p99(10) })
  t.match(compare(before, now), [{ base: 'service-calm', isSlower: true }])
  t.match(compare(now, before), [{ isSlower: false }])
  t.end()
})

t.test('what only one of two results has is left out', (t) => {
  const now = made('hot', { service: rates(60), bare: rates(100) })
  t.same(compare(made('hot', { service: rates(60), empty: rates(90) }), now), [])
  t.match(comparisonTable({}, now), 'no run and its baseline in common')
  t.end()
})

t.test('a table fits into 120 columns, and says what it costs', (t) => {
  const large = { requestsPerSecond: 98_765, medianMs: 1234, p99Ms: 5678 }
  for (const scenario of SCENARIOS) {
    const results = made(
      scenario.name,
      Object.fromEntries(scenario.runs.map(({ id }) => [id, [large, large]])),
    )
    const lines = scenarioTable(scenario, results).split('\n')
    t.ok(
      lines.every((line) => line.length <= 120),
      scenario.name,
    )
  }
  const results = made('hot', { service: rates(50), bare: rates(100) })
  const table = scenarioTable(scenarioOf('hot'), results)
  t.match(table, / 0\.50 × .* 60\.0 +30\.0 +10\.0 +25\/10$/m)
  const untold = made('hot', { service: [{ postgresMicrosPerAnswer: null }] })
  t.match(scenarioTable(scenarioOf('hot'), untold), / 60\.0 +– +10\.0 +25\/–$/m)
  t.end()
})

t.test("a process's CPU time", (t) => {
  const text = '42 (a) b (c) S 7 42 42 0 -1 4194560 9 0 0 0 150 50 30 20 20 0 1 0 99 0 0'
  t.same(parseStat(text), { parent: 7, own: 2_000_000, reaped: 500_000 })
  t.end()
})

const NOT_TOLD = process.platform !== 'linux' && 'only Linux tells'
const BURN = `while (process.cpuUsage().user < 300_000);`

t.test(
  'the CPU time of a family, of living children and of those that ended',
  { skip: NOT_TOLD },
  async (t) => {
    const before = await cpuMicrosOfFamily(process.pid)
    const child = spawn(process.execPath, ['-e', `${BURN} process.stdin.resume(); console.log(1)`])
    await once(child.stdout, 'data')
    const living = await cpuMicrosOfFamily(process.pid)
    child.stdin.end()
    await once(child, 'exit')
    const ended = await cpuMicrosOfFamily(process.pid)
    if (before === null || living === null || ended === null) throw new Error('nothing was told')
    t.ok(living - before >= 250_000, `${living - before} µs more, of at least 300,000`)
    t.ok(ended >= living, 'nothing is lost with its end')
  },
)
