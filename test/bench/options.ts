import { parseArgs } from 'node:util'
import type { Timing } from './measure.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'
import { scaled } from './scenarios/scaled.ts'

/** The scenarios that are no comparison: they run once, after all rounds. */
const GATHERED = 'gathered'
/** This one takes so long that it runs only where it is named. */
const TURNOVER = 'turnover'
const WHOLE = [...SCENARIOS.map(({ name }) => name), GATHERED]
const NAMES = [...WHOLE, TURNOVER]

const RECORD_ROUNDS = 3

export const USAGE = `npm run bench -- [options]
  --rounds N      how often everything is measured, by turns (${RECORD_ROUNDS})
  --seconds N     how long each measurement takes, after a warm-up (3)
  --only a,b      some scenarios only: ${NAMES.join(', ')}
                  (${TURNOVER} takes half an hour: it runs only where it is named)
  --scale N       how much there is in the tables to start from, and how much is turned over, of
                  what the titles say (1)
  --compare FILE  the results of another run, to be compared with this one's
  --quick         one round of half a second each, and a scale of 0.01, to see that all works: no
                  figures to quote
  --help`

export interface Options {
  readonly rounds: number
  readonly timing: Timing
  readonly scenarios: readonly Scenario[]
  /** Of the full size; null where `gathered` is not to run. */
  readonly gatheredScale: number | null
  /** The same for `turnover`. */
  readonly turnoverScale: number | null
  /** A file of results to compare this run's with. */
  readonly compareWith: string | null
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
      scale: { type: 'string' },
      compare: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const seconds = positive('--seconds', values.seconds ?? (values.quick ? 0.5 : 3))
  const rounds = positive('--rounds', values.rounds ?? (values.quick ? 1 : RECORD_ROUNDS))
  if (!Number.isInteger(rounds)) throw new Error('--rounds must be a whole number')
  const scale = positive('--scale', values.scale ?? (values.quick ? 0.01 : 1))
  const names = values.only === undefined ? WHOLE : values.only.split(',').map(known)
  const scenarios = SCENARIOS.filter(({ name }) => names.includes(name))
  return {
    rounds,
    timing: {
      firstWarmUpMs: values.quick ? 250 : 5000,
      warmUpMs: values.quick ? 250 : 1000,
      measureMs: seconds * 1000,
    },
    scenarios: scenarios.map((scenario) => scaled(scenario, scale)),
    gatheredScale: names.includes(GATHERED) ? scale : null,
    turnoverScale: names.includes(TURNOVER) ? scale : null,
    compareWith: values.compare ?? null,
    isForTheRecord:
      rounds >= RECORD_ROUNDS && scale === 1 && values.only === undefined && !values.quick,
    isHelp: values.help,
  }
}

function positive(name: string, text: string | number): number {
  const value = Number(text)
  if (!(value > 0 && value <= 1000)) throw new Error(`${name} must be more than 0, up to 1000`)
  return value
}

function known(name: string): string {
  if (!NAMES.includes(name)) throw new Error(`--only: there is no scenario ${name}\n${USAGE}`)
  return name
}
