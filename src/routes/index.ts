import type { FastifyInstance } from 'fastify'
import type { Config } from '../config/config.ts'
import importRoutes from './bookings/import/routes.ts'
import bookingListRoutes from './bookings/list-routes.ts'
import bookingRoutes from './bookings/routes.ts'
import eventRoutes from './events/routes.ts'
import historyRoutes from './history/routes.ts'
import health from './health/routes.ts'
import keyRoutes from './keys/routes.ts'
import metricsRoutes from './metrics/routes.ts'
import root from './root/routes.ts'
import seatingReadRoutes from './seating/read-routes.ts'
import seatingRoutes from './seating/routes.ts'
import waitlistRoutes from './waitlist/routes.ts'

/** All routes, a plugin for each group of them, so that what one sets up is none of the others' business. */
export default async function routes(
  app: FastifyInstance,
  { config }: { config: Config },
): Promise<void> {
  await app.register(root)
  await app.register(health)
  if (config.metrics?.isPublic) await app.register(metricsRoutes)
  await app.register(eventRoutes, { prefix: '/api' })
  await app.register(bookingRoutes, { prefix: '/api' })
  await app.register(bookingListRoutes, { prefix: '/api' })
  await app.register(importRoutes, { prefix: '/api', config })
  await app.register(seatingRoutes, { prefix: '/api' })
  await app.register(seatingReadRoutes, { prefix: '/api' })
  await app.register(waitlistRoutes, { prefix: '/api' })
  await app.register(historyRoutes, { prefix: '/api' })
  await app.register(keyRoutes, { prefix: '/api' })
}
