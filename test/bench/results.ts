import { mkdir, readFile, writeFile } from 'node:fs/promises'
import type { Measurement } from './measure.ts'
import type { Figure } from './figures.ts'
import type { Gathered } from './gathered/run.ts'
import type { Machine } from './machine.ts'
import type { Turnover } from './turnover/run.ts'

/** The measurements of all rounds, by scenario and run. */
export type Results = Record<string, Record<string, Measurement[]>>

/** All there is to know of a run of the benchmark. */
export interface Report {
  readonly machine: Machine
  readonly postgresql: Readonly<Record<string, string>>
  readonly rounds: number
  readonly secondsPerMeasurement: number
  readonly figures: readonly Figure[]
  readonly results: Results
  /** Null where it did not run. */
  readonly gathered: Gathered | null
  /** The same. */
  readonly turnover: Turnover | null
}

const FOLDER = new URL('results/', import.meta.url)

/** Writes one of the files that the README and readers of figures look at. */
export async function writeResult(name: string, text: string): Promise<void> {
  await mkdir(FOLDER, { recursive: true })
  await writeFile(new URL(name, FOLDER), text)
}

/** @throws where the file is none of ours */
export async function readResults(path: string): Promise<Results> {
  const report: unknown = JSON.parse(await readFile(path, 'utf8'))
  if (typeof report !== 'object' || report === null || !('results' in report)) {
    throw new Error(`${path} has no results of the benchmark`)
  }
  // Written by `toJson`, here or in another state of the project.
  return report.results as Results
}

/** Rounded, as later digits are noise. */
export function toJson(report: Report): string {
  const round = (_key: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(6)) : value
  return `${JSON.stringify(report, round, 2)}\n`
}
