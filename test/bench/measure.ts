import { arrange } from './arrange.ts'
import { cpuMicros, type Candidate, type Fleet } from './fleet.ts'
import type { LoadResult } from './load/job.ts'
import { jobsFor } from './load/jobs.ts'
import type { Run } from './scenarios.ts'
import { sum } from './statistics.ts'
import { findFaults } from './verify.ts'

export interface Timing {
  /** Of processes that have had no such load yet. */
  readonly firstWarmUpMs: number
  /** Of each measurement. */
  readonly warmUpMs: number
  readonly measureMs: number
}

type Once = Omit<Timing, 'firstWarmUpMs'>

/** One measurement, with what it cost. */
export interface Measurement extends LoadResult {
  /** CPU time that the candidate's processes took for an answer, the storm's answers included. */
  readonly serverMicrosPerAnswer: number
  /** The same of PostgreSQL, whatever it does meanwhile; null where the system does not tell. */
  readonly postgresMicrosPerAnswer: number | null
  /** The answers of the storm beside it, where there was one. */
  readonly stormRequestsPerSecond?: number
  readonly faults: readonly string[]
}

/**
 * Measures once. Processes that have had no such load yet get it before, for as long as V8 takes to
 * compile what it runs through: of a small process that is a moment, of a large one seconds. One
 * client's few requests don't warm up a process that has been idle since its last turn.
 */
export async function measure(
  fleet: Fleet,
  run: Run,
  { firstWarmUpMs, ...timing }: Timing,
): Promise<Measurement> {
  const { processes = 1, database, environment } = run
  const candidate = await fleet.candidate(run.candidate, processes, database, environment)
  const kind = `${processes}: ${kindOf(run)}`
  if (!candidate.warmedBy.has(kind)) {
    candidate.warmedBy.add(kind)
    await measureOnce(fleet, run, { ...timing, measureMs: firstWarmUpMs }, candidate)
  } else if (run.clients === 1) {
    await measureOnce(fleet, run, timing, candidate)
  }
  return measureOnce(fleet, run, timing, candidate)
}

/** Loads of a kind run through the same code. */
function kindOf({ ask = 'reserve', list, arrangement, expectedStatuses }: Run): string {
  const spread = arrangement.events > 1 ? 'many' : 'one'
  return [ask, list ?? spread, ...expectedStatuses].join(' ')
}

async function measureOnce(
  fleet: Fleet,
  run: Run,
  timing: Once,
  { pool, servers }: Candidate,
): Promise<Measurement> {
  const arranged = await arrange(pool, run.candidate, run.arrangement)
  const ports = servers.map(({ port }) => port)
  const before = await cpuOf(fleet, servers)
  const results = await fleet.generate(jobsFor(run, timing, ports, arranged))
  const after = await cpuOf(fleet, servers)
  const [result, storm] = results
  if (result === undefined) throw new Error('a measurement without a load')
  return {
    ...result,
    ...perAnswer(before, after, answersOf(results)),
    ...generatorsOf(results),
    ...(storm !== undefined && { stormRequestsPerSecond: storm.requestsPerSecond }),
    faults: await findFaults(pool, run, arranged, results),
  }
}

interface Cpu {
  readonly server: number
  readonly postgres: number | null
}

async function cpuOf(fleet: Fleet, servers: Candidate['servers']): Promise<Cpu> {
  const [server, postgres] = await Promise.all([cpuMicros(servers), fleet.postgresMicros()])
  return { server, postgres }
}

function perAnswer(before: Cpu, after: Cpu, answers: number) {
  const isTold = before.postgres !== null && after.postgres !== null
  return {
    serverMicrosPerAnswer: (after.server - before.server) / answers,
    postgresMicrosPerAnswer: isTold ? (after.postgres - before.postgres) / answers : null,
  }
}

/** What the generators take together, the storm's among them. */
function generatorsOf(results: readonly LoadResult[]) {
  const micros = results.map((result) => result.generatorMicrosPerAnswer * answersOf([result]))
  return {
    generatorMicrosPerAnswer: sum(micros) / answersOf(results),
    generatorShare: sum(results.map(({ generatorShare }) => generatorShare)),
  }
}

function answersOf(results: readonly LoadResult[]): number {
  return sum(results.flatMap(({ statuses }) => Object.values(statuses)))
}
