import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Config } from '../config/config.ts'
import type { EngineObserver } from '../engine/observer.ts'
import { BatchMetrics } from './metrics/batches.ts'
import { commandMetrics } from './metrics/commands.ts'
import { databaseMetrics } from './metrics/database.ts'
import { MetricsListener } from './metrics/listener.ts'
import { RequestMetrics } from './metrics/requests.ts'
import { Shared } from './metrics/shared.ts'
import { sweeperMetrics, type SweeperTask } from './metrics/sweeper.ts'
import { TransactionMetrics } from './metrics/transactions.ts'

export interface Metrics {
  /** All of them in Prometheus's text format; who asks within a second of another gets the same. */
  readonly read: () => Promise<string>
  readonly contentType: string
  /** The port of their own, once the service is ready; null where there is none. */
  readonly port: number | null
  /** To be told what the engine does. */
  readonly engine: EngineObserver
  /** To be told that a task of the sweeper failed. */
  readonly onSweeperFailure: (task: SweeperTask) => void
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Null where nothing is measured, which then costs nothing either. */
    metrics: Metrics | null
  }
}

/** Scraping costs some milliseconds: a storm of scrapes must not cost more. */
const KEPT_MS = 1000

/**
 * Measures requests, commands, batches, the database and the process, and serves it on a port of its
 * own. No label has a value that comes from outside: there are as many series as the code has names.
 */
function metricsPlugin(
  app: FastifyInstance,
  { config }: { config: Config },
  done: () => void,
): void {
  if (config.metrics === null) {
    app.decorate('metrics', null)
    done()
    return
  }
  const registry = new Registry()
  const requests = new RequestMetrics(registry)
  const batches = new BatchMetrics()
  const transactions = new TransactionMetrics(registry)
  const commands = commandMetrics(registry, config.groupCommit.maxQueueLength)
  const onSweeperFailure = sweeperMetrics(registry)
  databaseMetrics(app, registry, config)
  collectDefaultMetrics({ register: registry })

  const histograms = [requests.durations, ...batches.histograms, ...transactions.histograms]
  const exposition = new Shared(async () => {
    const texts = [await registry.metrics(), ...histograms.map((histogram) => histogram.text())]
    return `${texts.map((text) => text.trimEnd()).join('\n\n')}\n`
  }, KEPT_MS)
  const read = (): Promise<string> => exposition.get()
  const listener = new MetricsListener(read, registry.contentType, (error) => {
    app.log.error({ err: error }, 'the metrics could not be read')
  })
  app.decorate('metrics', {
    read,
    contentType: registry.contentType,
    get port() {
      return listener.port
    },
    engine: { observe: batches.observe, onTransaction: transactions.onTransaction, ...commands },
    onSweeperFailure,
  })
  app.addHook('onResponse', (request, reply, next) => {
    requests.onResponse(request, reply)
    next()
  })
  listenWith(app, listener, config.metrics.own)
  done()
}

/** Registered before what it tells of, so closed after it: the last requests can still be seen. */
function listenWith(
  app: FastifyInstance,
  listener: MetricsListener,
  own: { host: string; port: number } | null,
): void {
  if (own === null) return
  app.addHook('onReady', () => listener.listen(own))
  app.addHook('onClose', () => listener.close())
}

export default fp(metricsPlugin, { name: 'metrics', fastify: '5.x' })
