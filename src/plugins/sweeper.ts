import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config/config.ts'
import { settleCommand } from '../domain/commands.ts'
import { createPurger } from '../engine/purger.ts'
import { Sweeper } from '../engine/sweeper.ts'
import { eventsToSettle, FIRST_ROUND } from '../store/gathered.ts'
import { passStarted } from '../store/started.ts'
import { prune, type RingName } from '../store/turnover.ts'

/** There is a day, at the least, for what they do. */
const CHORE_INTERVAL_MS = 60_000

/**
 * Has expired holds ended, waitlists served, deleted events removed, old rows pruned and what is
 * upcoming kept, in every instance. Correctness never depends on it.
 */
function sweeperPlugin(
  app: FastifyInstance,
  { config }: { config: Pick<Config, 'database' | 'sweeper'> },
  done: () => void,
): void {
  let round = FIRST_ROUND
  const warned = new Set<RingName>()
  const warnOnce = (table: RingName): void => {
    if (warned.has(table)) return
    warned.add(table)
    app.log.warn({ table }, 'turn_over lacks a privilege: rows are deleted in pieces instead')
  }
  const pruneRing = async (table: RingName): Promise<{ isDone: boolean }> => {
    const { isDone, isForbidden } = await prune(app.prisma, table)
    if (isForbidden) warnOnce(table)
    else warned.delete(table)
    return { isDone }
  }
  const sweeper = new Sweeper({
    intervalMs: config.sweeper.intervalMs,
    find: async () => {
      const { events, next } = await eventsToSettle(app.prisma, round)
      round = next
      return events
    },
    settle: async (event) => {
      await app.reservations.execute(settleCommand(event))
    },
    purge: createPurger(app.prisma, config.database),
    chores: {
      pass_started: () => passStarted(app.prisma),
      prune_keys: () => pruneRing('idempotency_keys'),
      prune_holds: () => pruneRing('expired_holds'),
    },
    choreIntervalMs: CHORE_INTERVAL_MS,
    onError: (job, error, isNews) => {
      const text = 'the sweeper failed; it will try again'
      app.log[isNews ? 'warn' : 'debug']({ err: error, job }, text)
      app.metrics?.onSweeperFailure(job)
    },
  })
  app.addHook('onReady', (next) => {
    sweeper.start()
    next()
  })
  // Registered after the engine, so stopped before it: a closed engine would refuse the sweep.
  app.addHook('onClose', () => sweeper.stop())
  done()
}

export default fp(sweeperPlugin, {
  name: 'sweeper',
  fastify: '5.x',
  dependencies: ['metrics', 'prisma', 'reservations'],
})
