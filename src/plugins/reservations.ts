import fp from 'fastify-plugin'
import { createReservations, type EngineConfig, type Reservations } from '../engine/engine.ts'

declare module 'fastify' {
  interface FastifyInstance {
    reservations: Reservations
  }
}

/** Decorates the instance with the reservation engine and lets it finish before the pool closes. */
export default fp<{ config: EngineConfig }>(
  (app, { config }, done) => {
    const reservations = createReservations(app.prisma, config, {
      ...app.metrics?.engine,
      ...app.tracing,
      observe: (batch, kind) => {
        app.log.debug({ batch, kind }, 'batch')
        app.metrics?.engine.observe?.(batch, kind)
      },
      onSettlingFailed: (error) => {
        app.log.debug({ err: error }, 'an event is left to the sweeper')
        app.metrics?.onSweeperFailure('go_on')
      },
    })
    app.decorate('reservations', reservations)
    app.addHook('onClose', () => reservations.close())
    done()
  },
  { name: 'reservations', dependencies: ['metrics', 'prisma', 'tracing'] },
)
