import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config/config.ts'
import { createPurger } from '../engine/purger.ts'
import { Sweeper } from '../engine/sweeper.ts'
import { eventsToSettle, FIRST_ROUND, prune } from '../store/gathered.ts'

/**
 * Has expired holds ended, waitlists served, deleted events removed and old rows pruned, in every
 * instance. Correctness never depends on it.
 */
function sweeperPlugin(
  app: FastifyInstance,
  { config }: { config: Pick<Config, 'database' | 'sweeper'> },
  done: () => void,
): void {
  let round = FIRST_ROUND
  const sweeper = new Sweeper({
    intervalMs: config.sweeper.intervalMs,
    find: async () => {
      const { eventIds, next } = await eventsToSettle(app.prisma, round)
      round = next
      return eventIds
    },
    settle: async (eventId) => {
      await app.reservations.execute({ type: 'settle', eventId, origin: { requestId: null } })
    },
    purge: createPurger(app.prisma, config.database),
    prune: () => prune(app.prisma),
    onError: (error, isNews) => {
      app.log[isNews ? 'warn' : 'debug']({ err: error }, 'the sweeper failed; it will try again')
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
  dependencies: ['prisma', 'reservations'],
})
