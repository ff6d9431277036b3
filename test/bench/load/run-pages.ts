import { bodyOf } from './answer.ts'
import { Client } from './client.ts'
import type { LoadJob, LoadResult, PageAsk, PageResult } from './job.ts'
import { LatencyTally } from './latencies.ts'
import { getRequest } from './requests.ts'

/** Even where one takes longer than its time. */
const LEAST_ANSWERS = 3

/** Asks for the pages of a job, one at a time and one after the other, for an equal time each. */
export async function runPages(job: LoadJob): Promise<LoadResult> {
  const { pages = [] } = job
  const reader = new PageReader(job.ports[0] ?? 0)
  await reader.connected()
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  const results: PageResult[] = []
  for (const page of pages) {
    const path = await pathOf(page, reader)
    // The status tells why, and is a fault.
    if (path === null) continue
    await readFor(reader, path, job.warmUpMs / pages.length)
    results.push(await readFor(reader, path, job.measureMs / pages.length))
  }
  const { user, system } = process.cpuUsage(cpuBefore)
  const tookMs = performance.now() - startedAt
  reader.close()
  const answers = results.reduce((sum, page) => sum + page.answers, 0)
  const slowest = (of: 'medianMs' | 'p99Ms' | 'maxMs') =>
    Math.max(...results.map((page) => page[of]))
  return {
    statuses: reader.statuses,
    unanswered: 0,
    answers,
    requestsPerSecond: (answers / job.measureMs) * 1000,
    goodPerSecond: (answers / job.measureMs) * 1000,
    medianMs: slowest('medianMs'),
    p99Ms: slowest('p99Ms'),
    maxMs: slowest('maxMs'),
    pages: results,
    generatorMicrosPerAnswer: (user + system) / reader.answered,
    generatorShare: (user + system) / 1000 / tookMs,
  }
}

/** A path that is asked for again and again on one connection. */
async function readFor(reader: PageReader, path: string, durationMs: number): Promise<PageResult> {
  const tally = new LatencyTally()
  const end = performance.now() + durationMs
  let body: string
  do {
    const sentAt = performance.now()
    body = await reader.read(path)
    tally.record(performance.now() - sentAt)
  } while (performance.now() < end || tally.count < LEAST_ANSWERS)
  return { path, ...contentOf(body), answers: tally.count, ...tally.result() }
}

/** With the service's own cursor, but the sort keys of another row; null where no cursor came. */
async function pathOf({ path, after }: PageAsk, reader: PageReader): Promise<string | null> {
  if (after === undefined) return path
  const separator = path.includes('?') ? '&' : '?'
  const page: unknown = JSON.parse(await reader.read(`${path}${separator}limit=1`))
  if (typeof page !== 'object' || page === null || !('next_cursor' in page)) return null
  const [list] = JSON.parse(
    Buffer.from(String(page.next_cursor), 'base64url').toString(),
  ) as unknown[]
  const cursor = Buffer.from(JSON.stringify([list, ...after])).toString('base64url')
  return `${path}${separator}cursor=${cursor}`
}

/** The entries of the list that an answer brings beside its cursor, and whether there is one. */
function contentOf(body: string): Pick<PageResult, 'rows' | 'isLast'> {
  const page: unknown = JSON.parse(body)
  if (typeof page !== 'object' || page === null) return { rows: 0, isLast: true }
  const isLast = !('next_cursor' in page) || page.next_cursor === null
  return { rows: Object.values(page).filter(Array.isArray).flat().length, isLast }
}

class PageReader {
  readonly statuses: Record<string, number> = {}
  answered = 0
  readonly #client: Client
  readonly #port: number
  #resolve: (body: string) => void = () => undefined
  #reject: (error: Error) => void = () => undefined

  constructor(port: number) {
    this.#port = port
    this.#client = new Client(port, {
      onAnswer: (client, status, answer) => {
        client.sentAt = null
        this.answered += 1
        this.statuses[status] = (this.statuses[status] ?? 0) + 1
        this.#resolve(bodyOf(answer))
      },
      onLost: () => {
        this.#reject(new Error('the connection that reads pages broke'))
      },
    })
  }

  connected(): Promise<void> {
    return this.#client.connected()
  }

  /** Gives the body. */
  read(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.#client.send(getRequest(path, this.#port), performance.now())
    })
  }

  close(): void {
    this.#client.close()
  }
}
