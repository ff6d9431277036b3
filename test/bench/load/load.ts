import { once } from 'node:events'
import { Client } from './client.ts'
import type { LoadJob, LoadResult } from './job.ts'
import { LatencyTally } from './latencies.ts'
import { isBooking, requestsOf, type MakeRequest } from './requests.ts'

/** How long the last answers are waited for. */
const DRAIN_TIMEOUT_MS = 30_000

/** What a load tells of itself; the generator's own costs are for its process to tell. */
export type LoadFigures = Omit<LoadResult, 'generatorMicrosPerAnswer' | 'generatorShare'>

/** The clients of a job, each of which sends its next request when it is answered. */
export class Load {
  readonly #goodStatuses: ReadonlySet<number>
  readonly #bookEvery: number | undefined
  readonly #clients: Client[]
  /** By port. */
  readonly #makers: ReadonlyMap<number, MakeRequest>
  readonly #statuses: Record<string, number> = {}
  readonly #latencies = new LatencyTally()
  readonly #bookings = new LatencyTally()
  readonly #done = new EventTarget()
  #phase: 'warm-up' | 'measure' | 'drain' = 'warm-up'
  #measuredFrom = 0
  #measuredMs = 0
  #toSend: number
  #sent = 0
  #answered = 0
  #lost = 0
  #good = 0

  constructor(job: LoadJob) {
    this.#goodStatuses = new Set(job.goodStatuses)
    this.#bookEvery = job.bookEvery
    this.#toSend = job.requests ?? Infinity
    this.#makers = new Map(job.ports.map((port) => [port, requestsOf(job, port)]))
    const events = { onAnswer: this.#onAnswer, onLost: this.#onLost }
    this.#clients = Array.from(
      { length: job.clients },
      (_, i) => new Client(job.ports[i % job.ports.length] ?? 0, events),
    )
  }

  /** Answers so far. */
  get answered(): number {
    return this.#answered
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
    this.#toSend = this.#sent
    this.#measuredMs = performance.now() - this.#measuredFrom
  }

  /** Settles when all that there was to send has been sent and answered. */
  async answeredAll(signal?: AbortSignal): Promise<void> {
    if (!this.#isSettled()) await once(this.#done, 'done', { signal })
  }

  /** Waits for the last answers, up to a limit. */
  async drain(): Promise<void> {
    await this.answeredAll(AbortSignal.timeout(DRAIN_TIMEOUT_MS)).catch(() => undefined)
    for (const client of this.#clients) client.close()
  }

  result(): LoadFigures {
    const perSecond = (count: number): number => (count / this.#measuredMs) * 1000
    const ofBookings = { ...this.#bookings.result(), perSecond: perSecond(this.#bookings.count) }
    return {
      statuses: this.#statuses,
      unanswered: this.#sent - this.#answered,
      answers: this.#latencies.count,
      requestsPerSecond: perSecond(this.#latencies.count),
      goodPerSecond: perSecond(this.#good),
      ...this.#latencies.result(),
      ...(this.#bookEvery !== undefined && { bookings: ofBookings }),
    }
  }

  #send(client: Client, now: number): void {
    if (this.#sent >= this.#toSend) return
    this.#sent += 1
    if (this.#bookEvery !== undefined) client.isBooking = isBooking(this.#sent, this.#bookEvery)
    const make = this.#makers.get(client.port)
    if (make === undefined) throw new Error('a client without a port of the job')
    client.send(make(this.#sent), now)
  }

  readonly #onAnswer = (client: Client, status: number): void => {
    const now = performance.now()
    const { sentAt } = client
    if (sentAt === null) throw new Error('an answer came without a request')
    client.sentAt = null
    this.#answered += 1
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1
    if (this.#phase === 'measure') {
      if (this.#goodStatuses.has(status)) this.#good += 1
      this.#latencies.record(now - sentAt)
      if (client.isBooking) this.#bookings.record(now - sentAt)
    }
    this.#send(client, now)
    this.#settle()
  }

  // What a broken connection had under way stays unanswered, which the result tells.
  readonly #onLost = ({ sentAt }: Client): void => {
    if (sentAt !== null) this.#lost += 1
    this.#settle()
  }

  #isSettled(): boolean {
    return this.#sent >= this.#toSend && this.#answered + this.#lost === this.#sent
  }

  #settle(): void {
    if (this.#isSettled()) this.#done.dispatchEvent(new Event('done'))
  }
}
