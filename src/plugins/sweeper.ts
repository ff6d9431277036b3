import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config/config.ts'
import { Sweeper } from '../engine/sweeper.ts'
import { eventsToSweep, prune } from '../store/sweep.ts'

/**
 * Lets expired holds go and serves the waitlists, in every instance, and drops what need not be
 * remembered any longer. Correctness never depends on it.
 */
function sweeperPlugin(
  app: FastifyInstance,
  { config }: { config: Pick<Config, 'sweeper'> },
  done: () => void,
): void {
  const sweeper = new Sweeper({
    intervalMs: config.sweeper.intervalMs,
    find: () => eventsToSweep(app.prisma),
    sweep: async (eventId) => {
      await app.reservations.execute({ type: 'sweep', eventId, requestId: null })
    },
    prune: () => prune(app.prisma),
    onError: (error, isNews) => {
      app.log[isNews ? 'warn' : 'debug']({ err: error }, 'the sweeper failed; it will try again')
    },
  })
  app.addHook('onReady', (next) => {
    sweeper.start()
    next()
  })
  // Registered after the pipeline, so closed before it.
  app.addHook('onClose', () => sweeper.stop())
  done()
}

export default fp(sweeperPlugin, {
  name: 'sweeper',
  fastify: '5.x',
  dependencies: ['prisma', 'reservations'],
})
