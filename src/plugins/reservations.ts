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
    const reservations = createReservations(app.prisma, config, (batch) => {
      app.log.debug({ batch }, 'batch')
    })
    app.decorate('reservations', reservations)
    app.addHook('onClose', () => reservations.close())
    done()
  },
  { name: 'reservations', dependencies: ['prisma'] },
)
