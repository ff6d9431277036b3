import { setTimeout as delay } from 'node:timers/promises'
import type { LoadJob, LoadResult } from './job.ts'
import { Load } from './load.ts'
import { runPages } from './run-pages.ts'

/** Does a job: connect, warm up, measure, and let every request that is under way be answered. */
export async function runLoad(job: LoadJob): Promise<LoadResult> {
  if (job.ask === 'page') return runPages(job)
  const load = new Load(job)
  await load.connect()
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  if (job.requests === undefined) await measureFor(load, job)
  else await measureAll(load)
  const { user, system } = process.cpuUsage(cpuBefore)
  const tookMs = performance.now() - startedAt
  const { answered } = load
  await load.drain()
  return {
    ...load.result(),
    generatorMicrosPerAnswer: (user + system) / answered,
    generatorShare: (user + system) / 1000 / tookMs,
  }
}

async function measureFor(load: Load, { warmUpMs, measureMs }: LoadJob): Promise<void> {
  load.start()
  await delay(warmUpMs)
  load.measure()
  await delay(measureMs)
  load.stop()
}

async function measureAll(load: Load): Promise<void> {
  load.measure()
  load.start()
  await load.answeredAll()
  load.stop()
}
