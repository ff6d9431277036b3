import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { comparisonTable } from './report/comparison.ts'
import { readResults, type Results } from './results.ts'
import { SCENARIOS } from './scenarios.ts'

// Measures two checkouts by turns, A B B A …, so that a change of the machine's mood meets both
// alike, and compares the medians.

const USAGE = `node --import=tsx test/bench/in-turn.ts BEFORE NOW [options]
  BEFORE, NOW     folders of two checkouts, each with its dependencies installed
  --rounds N      how often each is measured (5)
  --seconds N     how long each measurement takes, after a warm-up (4)
  --only a,b      some scenarios only; by default all that compare`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    // An older checkout may not know the others.
    only: { type: 'string', default: SCENARIOS.map(({ name }) => name).join(',') },
  },
})
const [before, now] = positionals.map((folder) => ({ folder: resolve(folder), results: {} }))
if (before === undefined || now === undefined) throw new Error(USAGE)

for (let round = 1; round <= Number(values.rounds); round += 1) {
  for (const { folder, results } of round % 2 === 1 ? [before, now] : [now, before]) {
    process.stderr.write(`Round ${round}: ${folder}\n`)
    await bench(folder)
    add(await readResults(join(folder, 'test/bench/results/partial.json')), results)
  }
}
process.stdout.write(`${comparisonTable(before.results, now.results)}\n`)

/** One round, which no checkout takes for the record. */
async function bench(folder: string): Promise<void> {
  const options = ['--rounds', '1', '--seconds', values.seconds, '--only', values.only]
  const child = spawn('npm', ['run', 'bench', '--silent', '--', ...options], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await once(child, 'exit')
  if (child.exitCode !== 0) throw new Error(`the benchmark of ${folder} failed`)
}

function add(results: Results, to: Results): void {
  for (const [scenario, runs] of Object.entries(results)) {
    const ofScenario = (to[scenario] ??= {})
    for (const [run, measurements] of Object.entries(runs)) {
      ;(ofScenario[run] ??= []).push(...measurements)
    }
  }
}
