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
      observe: (batch) => {
        app.log.debug({ batch }, 'batch')
      },
      onSettlingFailed: (error) => {
        app.log.debug({ err: error }, 'an event is left to the sweeper')
      },
    })
    app.decorate('reservations', reservations)
    app.addHook('onClose', () => reservations.close())
    done()
  },
  { name: 'reservations', dependencies: ['prisma'] },
)
