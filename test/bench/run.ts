import { constants } from 'node:os'
import { startDatabases, type Databases } from './databases.ts'
import { figuresOf } from './figures.ts'
import { Fleet } from './fleet.ts'
import { measureGathered, type Gathered } from './gathered/run.ts'
import { describeMachine } from './machine.ts'
import { measure } from './measure.ts'
import { readOptions, USAGE, type Options } from './options.ts'
import { Progress } from './progress.ts'
import { chart } from './report/chart.ts'
import { comparisonTable } from './report/comparison.ts'
import { gatheredTable } from './report/gathered.ts'
import { figureTable, labelOf, scenarioTable } from './report/table.ts'
import { readResults, toJson, writeResult, type Results } from './results.ts'
import { measureTurnover, type Turnover } from './turnover/run.ts'
import { turnoverTable } from './turnover/table.ts'

// The benchmark: see `--help`. Exits with 1 where a correctness check fails.

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    process.exitCode = 128 + constants.signals[signal]
    if (!interrupted.signal.aborted) process.stderr.write('\nInterrupted: cleaning up\n')
    interrupted.abort()
  })
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options.isHelp) process.stdout.write(`${USAGE}\n`)
  else await benchmark(options)
} catch (error) {
  // What fails once we are called off fails for that.
  if (!interrupted.signal.aborted) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}

async function benchmark(options: Options): Promise<void> {
  const earlier = options.compareWith === null ? null : await readResults(options.compareWith)
  const machine = await describeMachine()
  const databases = await startDatabases()
  const fleet = new Fleet(databases)
  try {
    const measured = await orInterrupted(measureAll(fleet, options))
    await publish(options, machine, databases, measured)
    if (earlier !== null) print([comparisonTable(earlier, measured.results)])
  } finally {
    await fleet.close()
    await databases.stop()
  }
}

interface Measured {
  readonly results: Results
  readonly gathered: Gathered | null
  readonly turnover: Turnover | null
}

/** Measures by turns, A B C A B C …, so that a change of the machine's mood meets all alike. */
async function measureAll(fleet: Fleet, options: Options): Promise<Measured> {
  const { rounds, scenarios, timing, gatheredScale, turnoverScale } = options
  const results: Results = {}
  const runs = scenarios.flatMap((scenario) => scenario.runs.map((run) => ({ scenario, run })))
  const once = [gatheredScale, turnoverScale].filter((scale) => scale !== null)
  const progress = new Progress(rounds * runs.length + once.length)
  for (let round = 1; round <= rounds; round += 1) {
    for (const { scenario, run } of runs) {
      interrupted.signal.throwIfAborted()
      progress.show(`round ${round}: ${scenario.name}: ${labelOf(run)}`)
      const measurement = await measure(fleet, run, timing)
      const ofScenario = (results[scenario.name] ??= {})
      ;(ofScenario[run.id] ??= []).push(measurement)
      progress.step()
    }
  }
  const show = progress.show.bind(progress)
  const gathered = gatheredScale === null ? null : await measureGathered(fleet, gatheredScale, show)
  if (gathered !== null) progress.step()
  const turnover = turnoverScale === null ? null : await measureTurnover(fleet, turnoverScale, show)
  progress.clear()
  return { results, gathered, turnover }
}

async function publish(
  { rounds, scenarios, timing, isForTheRecord }: Options,
  machine: Awaited<ReturnType<typeof describeMachine>>,
  { settings, isOnDisk }: Databases,
  { results, gathered, turnover }: Measured,
): Promise<void> {
  const report = {
    machine,
    postgresql: settings,
    rounds,
    secondsPerMeasurement: timing.measureMs / 1000,
    figures: figuresOf(results),
    results,
    gathered,
    turnover,
  }
  const name = isForTheRecord ? 'latest' : 'partial'
  await writeResult(`${name}.json`, toJson(report))
  await writeResult(`${name}.svg`, chart(report))
  if (scenarios.length > 0) {
    print([...scenarios.map((scenario) => scenarioTable(scenario, results)), figureTable(results)])
  }
  if (gathered !== null) print([gatheredTable(gathered)])
  if (turnover !== null) print([turnoverTable(turnover)])
  if (!isOnDisk) process.stderr.write('The data lay in memory (see TMPDIR): commits cost little.\n')
  const ofOnce = [...(gathered?.faults ?? []), ...(turnover?.faults ?? [])]
  for (const fault of [...faultsOf(results), ...ofOnce]) {
    process.exitCode = 1
    process.stderr.write(`NOT CORRECT: ${fault}\n`)
  }
}

function print(tables: readonly string[]): void {
  process.stdout.write(`${tables.join('\n\n')}\n\n`)
}

function faultsOf(results: Results): string[] {
  return Object.entries(results).flatMap(([scenario, runs]) =>
    Object.entries(runs).flatMap(([run, measurements]) =>
      measurements.flatMap(({ faults }) => faults.map((text) => `${scenario}, ${run}: ${text}`)),
    ),
  )
}

function orInterrupted<T>(work: Promise<T>): Promise<T> {
  const { signal } = interrupted
  const interruption = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('interrupted'))
    })
  })
  return Promise.race([work, interruption])
}
