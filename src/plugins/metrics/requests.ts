import type { FastifyReply, FastifyRequest } from 'fastify'
import { Counter, type Registry } from 'prom-client'
import { routePattern } from '../../http/route-pattern.ts'
import { Histogram, type Observations } from './histogram.ts'

/** The methods of routes; any other counts as `_OTHER`, as OpenTelemetry has it. */
const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
])
const OTHER = '_OTHER'

/** The route of what has none: a path that is not known, or not with that method. */
const NO_ROUTE = 'none'

type Children = Map<string, Map<string, Map<number, Observations>>>

/** Counts and times the answers to requests, by route, method and status. */
export class RequestMetrics {
  readonly durations = new Histogram<'method' | 'route' | 'status'>({
    name: 'http_server_request_duration_seconds',
    help: 'From the head of a request to the end of its answer, by the pattern of its route',
  })
  readonly #replays: Counter
  /** By the route's own pattern, method and status: there are as many as the code has. */
  readonly #children: Children = new Map()

  constructor(registry: Registry) {
    this.#replays = new Counter({
      name: 'reservation_replays_total',
      help: 'Requests under an idempotency key that got the answer of an earlier one',
      registers: [registry],
    })
  }

  /** To be called when a request has been answered. */
  readonly onResponse = (request: FastifyRequest, reply: FastifyReply): void => {
    const { url = NO_ROUTE } = request.routeOptions
    const method = METHODS.has(request.method) ? request.method : OTHER
    this.#child(url, method, reply.statusCode).observe(reply.elapsedTime / 1000)
    const isKeyed = request.headers['idempotency-key'] !== undefined
    if (isKeyed && reply.hasHeader('idempotency-replayed')) this.#replays.inc()
  }

  #child(url: string, method: string, status: number): Observations {
    const known = this.#children.get(url)?.get(method)?.get(status)
    if (known !== undefined) return known
    const byMethod = this.#children.get(url) ?? new Map<string, Map<number, Observations>>()
    const byStatus = byMethod.get(method) ?? new Map<number, Observations>()
    const child = this.durations.child({ method, route: routePattern(url), status })
    this.#children.set(url, byMethod.set(method, byStatus.set(status, child)))
    return child
  }
}
