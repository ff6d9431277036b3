import { randomBytes } from 'node:crypto'
import type { Arranged } from '../arrange.ts'
import type { Run } from '../scenarios.ts'
import type { LoadJob } from './job.ts'

interface Timing {
  readonly warmUpMs: number
  readonly measureMs: number
}

/** Pages come one at a time, and there are many lists: they get a part of the time each. */
const PART_FOR_PAGES = 1 / 4

/** The jobs of a measurement: what the clients ask, and the storm beside it where there is one. */
export function jobsFor(
  run: Run,
  timing: Timing,
  ports: readonly number[],
  arranged: Arranged,
): LoadJob[] {
  const { clients, ask = 'reserve', bookEvery, expectedStatuses: goodStatuses, requests } = run
  const { eventIds, stormedId, bookingIds, apiKey } = arranged
  const userPrefix = randomBytes(4).toString('hex')
  const asked = { ports, clients, ask, bookEvery, goodStatuses, requests }
  const job: LoadJob = { ...timing, ...asked, eventIds, bookingIds, apiKey, userPrefix }
  if (ask === 'page') return [pagesOf(run, job, arranged)]
  if (run.stormClients === undefined || stormedId === undefined) return [job]
  const storm = { clients: run.stormClients, eventIds: [stormedId], userPrefix: `s${userPrefix}` }
  // It lasts longer, so that all that is measured is measured in the storm.
  return [job, { ...job, ...storm, measureMs: timing.measureMs + timing.warmUpMs / 2 }]
}

function pagesOf({ list }: Run, job: LoadJob, { lists }: Arranged): LoadJob {
  if (list === undefined || lists === undefined) throw new Error('there is no list')
  return {
    ...job,
    pages: lists[list],
    warmUpMs: job.warmUpMs * PART_FOR_PAGES,
    measureMs: job.measureMs * PART_FOR_PAGES,
  }
}
