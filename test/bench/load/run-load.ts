import { once } from 'node:events'
import { createHistogram } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from './client.ts'
import type { LoadJob, LoadResult } from './job.ts'
import { requestsOf, type MakeRequest } from './requests.ts'

/** How long the last answers are waited for. */
const DRAIN_TIMEOUT_MS = 30_000

/** Does a job: connect, warm up, measure, and let every request that is under way be answered. */
export async function runLoad(job: LoadJob): Promise<LoadResult> {
  const load = new Load(job)
  await load.connect()
  const cpuBefore = process.cpuUsage()
  load.start()
  await delay(job.warmUpMs)
  load.measure()
  await delay(job.measureMs)
  load.stop()
  const { user, system } = process.cpuUsage(cpuBefore)
  await load.drain()
  return load.result(user + system, (user + system) / 1000 / (job.warmUpMs + job.measureMs))
}

class Load {
  readonly #job: LoadJob
  readonly #clients: Client[]
  readonly #makeRequest: MakeRequest
  readonly #statuses: Record<string, number> = {}
  // Microseconds.
  readonly #latencies = createHistogram({ lowest: 1, highest: 120_000_000, figures: 3 })
  readonly #drained = new EventTarget()
  #phase: 'warm-up' | 'measure' | 'drain' = 'warm-up'
  #measuredFrom = 0
  #measuredMs = 0
  #sent = 0
  #answered = 0
  #lost = 0
  #answeredAtStop = 0
  #good = 0

  constructor(job: LoadJob) {
    this.#job = job
    this.#makeRequest = requestsOf(job)
    const events = {
      onAnswer: this.#onAnswer,
      onLost: this.#onLost,
    }
    this.#clients = Array.from(
      { length: job.clients },
      (_, i) => new Client(job.ports[i % job.ports.length] ?? 0, events),
    )
  }

  async connect(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.connected()))
  }

  start(): void {
    for (const client of this.#clients) this.#send(client, performance.now())
  }

  measure(): void {
    this.#phase = 'measure'
    this.#measuredFrom = performance.now()
  }

  stop(): void {
    this.#phase = 'drain'
    this.#measuredMs = performance.now() - this.#measuredFrom
    this.#answeredAtStop = this.#answered
  }

  async drain(): Promise<void> {
    if (!this.#isSettled()) {
      const signal = AbortSignal.timeout(DRAIN_TIMEOUT_MS)
      await once(this.#drained, 'drained', { signal }).catch(() => undefined)
    }
    for (const client of this.#clients) client.close()
  }

  result(cpuMicros: number, generatorShare: number): LoadResult {
    const inMs = (percentile: number): number => this.#latencies.percentile(percentile) / 1000
    return {
      statuses: this.#statuses,
      unanswered: this.#sent - this.#answered,
      answers: this.#latencies.count,
      requestsPerSecond: (this.#latencies.count / this.#measuredMs) * 1000,
      goodPerSecond: (this.#good / this.#measuredMs) * 1000,
      medianMs: inMs(50),
      p99Ms: inMs(99),
      maxMs: this.#latencies.max / 1000,
      generatorMicrosPerAnswer: cpuMicros / this.#answeredAtStop,
      generatorShare,
    }
  }

  #send(client: Client, now: number): void {
    this.#sent += 1
    client.send(this.#makeRequest(this.#sent, client.port), now)
  }

  readonly #onAnswer = (client: Client, status: number): void => {
    const now = performance.now()
    const { sentAt } = client
    if (sentAt === null) throw new Error('an answer came without a request')
    client.sentAt = null
    this.#answered += 1
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1
    if (this.#phase === 'measure') {
      if (status === this.#job.goodStatus) this.#good += 1
      this.#latencies.record(Math.max(1, Math.round((now - sentAt) * 1000)))
    }
    if (this.#phase === 'drain') this.#settle()
    else this.#send(client, now)
  }

  // What a broken connection had under way stays unanswered, which the result tells.
  readonly #onLost = ({ sentAt }: Client): void => {
    if (sentAt !== null) this.#lost += 1
    this.#settle()
  }

  #isSettled(): boolean {
    return this.#answered + this.#lost === this.#sent
  }

  #settle(): void {
    if (this.#isSettled()) this.#drained.dispatchEvent(new Event('drained'))
  }
}
