import { randomBytes } from 'node:crypto'
import { arrange, type Arranged } from './arrange.ts'
import { cpuMicros, type Candidate, type Fleet } from './fleet.ts'
import type { LoadJob, LoadResult } from './load/job.ts'
import type { Run } from './scenarios.ts'
import { findFaults } from './verify.ts'

export interface Timing {
  readonly warmUpMs: number
  readonly measureMs: number
}

/** One measurement, with what it cost. */
export interface Measurement extends LoadResult {
  /** CPU time that the candidate's processes took for an answer, the storm's answers included. */
  readonly serverMicrosPerAnswer: number
  /** The answers of the storm beside it, where there was one. */
  readonly stormRequestsPerSecond?: number
  readonly faults: readonly string[]
}

/**
 * Measures once; twice where the first time is for the compiler: where a process is new, and for
 * one client, whose few requests do not warm up a process that has been idle since its last turn.
 */
export async function measure(fleet: Fleet, run: Run, timing: Timing): Promise<Measurement> {
  const candidate = await fleet.candidate(run.candidate, run.processes ?? 1)
  if (candidate.isNew || run.clients === 1) await measureOnce(fleet, run, timing, candidate)
  return measureOnce(fleet, run, timing, candidate)
}

async function measureOnce(
  fleet: Fleet,
  run: Run,
  timing: Timing,
  { pool, servers }: Candidate,
): Promise<Measurement> {
  const arranged = await arrange(pool, run.candidate, run.arrangement)
  const ports = servers.map(({ port }) => port)
  const cpuBefore = await cpuMicros(servers)
  const results = await fleet.generate(jobsFor(run, timing, ports, arranged))
  const cpu = (await cpuMicros(servers)) - cpuBefore
  const [result, storm] = results
  if (result === undefined) throw new Error('a measurement without a load')
  return {
    ...result,
    serverMicrosPerAnswer: cpu / answersOf(results),
    ...(storm !== undefined && { stormRequestsPerSecond: storm.requestsPerSecond }),
    faults: await findFaults(pool, run, arranged, results),
  }
}

function jobsFor(run: Run, timing: Timing, ports: number[], arranged: Arranged): LoadJob[] {
  const { eventIds, stormedId, holds } = arranged
  const userPrefix = randomBytes(4).toString('hex')
  const { clients, ask = 'reserve', expectedStatus: goodStatus } = run
  const job = { ...timing, ports, clients, ask, goodStatus, eventIds, holds, userPrefix }
  if (run.stormClients === undefined || stormedId === undefined) return [job]
  const storm = { clients: run.stormClients, eventIds: [stormedId], userPrefix: `s${userPrefix}` }
  // It lasts longer, so that all that is measured is measured in the storm.
  return [job, { ...job, ...storm, measureMs: timing.measureMs + timing.warmUpMs / 2 }]
}

function answersOf(results: readonly LoadResult[]): number {
  const counts = results.flatMap(({ statuses }) => Object.values(statuses))
  return counts.reduce((total, count) => total + count, 0)
}
