import type { FastifyInstance } from 'fastify'
import { Gauge, type Registry } from 'prom-client'
import type { Config } from '../../config/config.ts'
import { readBacklog, type Backlog } from '../../store/backlog.ts'
import { Shared } from './shared.ts'
import { within } from './within.ts'

/** How long a scrape waits for what it asks the database; what comes later is left out. */
const DEADLINE_MS = 2000
/** For how long an answer counts, however often it is asked for. */
const BACKLOG_KEPT_MS = 10_000

const POOLS = ['commands', 'reads'] as const

/** What is known of the database: its connections, whether it serves, and what it has gathered. */
export function databaseMetrics(
  app: FastifyInstance,
  registry: Registry,
  { database, reads }: Pick<Config, 'database' | 'reads'>,
): void {
  const registers = [registry]
  const backlog = new Shared(() => app.readInLane(readBacklog, DEADLINE_MS), BACKLOG_KEPT_MS)
  connectionMetrics(app, registry, { commands: database.poolSize, reads: reads.poolSize })

  new Gauge({
    name: 'reservation_ready',
    help: '1 where the service is ready, as /readyz tells, and 0 where it is not',
    registers,
    async collect() {
      const unreadiness = await within(DEADLINE_MS, app.checkReadiness().then(String))
      this.set(unreadiness === 'null' ? 1 : 0)
    },
  })
  const gaugeOf = (name: string, help: string, valueOf: (backlog: Backlog) => number): void => {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const known = await within(DEADLINE_MS, backlog.get())
        if (known === null) this.remove()
        else this.set(valueOf(known))
      },
    })
  }
  gaugeOf(
    'reservation_sweep_lag_seconds',
    'For how long a hold has expired that has not been ended; 0 where there is none',
    ({ sweepLagSeconds }) => sweepLagSeconds,
  )
  gaugeOf(
    'reservation_waitlist_oldest_seconds',
    'For how long somebody has been in line for an event to come; 0 where nobody is',
    ({ oldestInLineSeconds }) => oldestInLineSeconds,
  )
}

function connectionMetrics(
  app: FastifyInstance,
  registry: Registry,
  max: Readonly<Record<(typeof POOLS)[number], number>>,
): void {
  const registers = [registry]
  new Gauge({
    name: 'reservation_database_connections',
    help: 'Connections to the database that are open, by pool and state',
    labelNames: ['pool', 'state'],
    registers,
    collect() {
      for (const pool of POOLS) {
        const { totalCount, idleCount } = app.pools[pool]
        this.set({ pool, state: 'used' }, totalCount - idleCount)
        this.set({ pool, state: 'idle' }, idleCount)
      }
    },
  })
  new Gauge({
    name: 'reservation_database_connection_waiters',
    help: 'Those who wait for a connection to the database',
    labelNames: ['pool'],
    registers,
    collect() {
      for (const pool of POOLS) this.set({ pool }, app.pools[pool].waitingCount)
    },
  })
  const limit = new Gauge({
    name: 'reservation_database_connections_max',
    help: 'Connections that a pool may open',
    labelNames: ['pool'],
    registers,
  })
  for (const pool of POOLS) limit.set({ pool }, max[pool])
}
