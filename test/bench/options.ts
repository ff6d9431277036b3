import { parseArgs } from 'node:util'
import type { Timing } from './measure.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'

export const USAGE = `npm run bench -- [options]
  --rounds N      how often everything is measured, by turns (5)
  --seconds N     how long each measurement takes, after a warm-up (4)
  --only a,b      some scenarios only: ${SCENARIOS.map(({ name }) => name).join(', ')}
  --quick         one round of one second each, to see that all works: no figures to quote
  --help`

const RECORD_ROUNDS = 5

export interface Options {
  readonly rounds: number
  readonly timing: Timing
  readonly scenarios: readonly Scenario[]
  /** A whole run with enough rounds: others don't replace the figures that the README shows. */
  readonly isForTheRecord: boolean
  readonly isHelp: boolean
}

/** @throws Error with a line for people where an option is wrong */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const seconds = positive('--seconds', values.seconds ?? (values.quick ? 1 : 4))
  const rounds = positive('--rounds', values.rounds ?? (values.quick ? 1 : RECORD_ROUNDS))
  if (!Number.isInteger(rounds)) throw new Error('--rounds must be a whole number')
  return {
    rounds,
    timing: { warmUpMs: values.quick ? 500 : 1500, measureMs: seconds * 1000 },
    scenarios: values.only === undefined ? SCENARIOS : values.only.split(',').map(scenarioNamed),
    isForTheRecord: rounds >= RECORD_ROUNDS && values.only === undefined && !values.quick,
    isHelp: values.help,
  }
}

function positive(name: string, text: string | number): number {
  const value = Number(text)
  if (!(value > 0 && value <= 1000)) throw new Error(`${name} must be more than 0, up to 1000`)
  return value
}

function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name)
  if (found === undefined) throw new Error(`--only: there is no scenario ${name}\n${USAGE}`)
  return found
}
