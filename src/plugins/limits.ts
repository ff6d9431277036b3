import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config/config.ts'
import { Counts } from '../http/limits/counts.ts'
import { FailedAuthLimit, type SharedCounter } from '../http/limits/failed-auth.ts'
import { SharedCounts } from '../http/limits/shared-counts.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Where the requests of all processes are counted together; null where each counts for itself. */
    sharedRequests: SharedCounter | null
  }
}

/**
 * What limits count with, and the limit of failed authentication, which always holds. Without anything
 * to count there is no connection to Redis.
 */
async function limits(
  app: FastifyInstance,
  { config: { auth, limits } }: { config: Pick<Config, 'auth' | 'limits'> },
): Promise<void> {
  const { requestsPerMinute, failedAuthPerMinute, redisUrl } = limits
  const isCounting = requestsPerMinute !== null || auth !== 'off'
  const shared = isCounting && redisUrl !== null ? await SharedCounts.open(redisUrl, app.log) : null
  app.addHook('onClose', async () => {
    await shared?.close()
  })
  const failedAuth = new FailedAuthLimit({
    most: failedAuthPerMinute,
    counts: new Counts(),
    shared: shared?.under('failed-auth') ?? null,
    log: app.log,
  })
  app.decorate('failedAuth', failedAuth)
  app.decorate('sharedRequests', shared?.under('requests') ?? null)
}

export default fp(limits, { name: 'limits', fastify: '5.x' })
