import rateLimit, { type FastifyRateLimitStoreCtor } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config/config.ts'
import { clientNetwork } from '../http/client-address.ts'
import { HttpError } from '../http/errors.ts'
import { Counts, WINDOW_MS, type Count } from '../http/limits/counts.ts'
import type { SharedCounter } from '../http/limits/failed-auth.ts'

/**
 * Limits what each caller may ask of the API in a minute, if RATE_LIMIT_PER_MINUTE is set. Runs when it
 * is known who asks, and before a body is read.
 */
async function rateLimits(
  app: FastifyInstance,
  { config: { limits } }: { config: Pick<Config, 'limits'> },
): Promise<void> {
  if (limits.requestsPerMinute === null) return
  // Ahead of the plugin's own: probes, the greeting and the documentation have no limit.
  app.addHook('onRoute', (route) => {
    if (!route.url.startsWith('/api/')) route.config = { ...route.config, rateLimit: false }
  })
  await app.register(rateLimit, {
    max: limits.requestsPerMinute,
    timeWindow: WINDOW_MS,
    store: storeOf(new Counts(), app.sharedRequests),
    keyGenerator: limitedAs,
    enableDraftSpec: true,
    errorResponseBuilder: (_request, { ttl }) => refusalFor(Math.max(1, Math.ceil(ttl / 1000))),
  })
}

/** Whom a request counts for. By tenant too: subjects of tokens are its own, so that two tenants may have the same. */
function limitedAs(request: FastifyRequest): string {
  const caller = request.grant?.caller
  return caller === undefined || caller.actor === null
    ? `address ${clientNetwork(request)}`
    : `caller ${caller.tenantId} ${caller.actor}`
}

/**
 * Counts in this process in any case: where the shared count fails, that goes on with what it has. It
 * turns nobody away whom the shared one would let through.
 */
function storeOf(own: Counts, shared: SharedCounter | null): FastifyRateLimitStoreCtor {
  return class Store {
    incr(key: string, tell: (error: null, result: { current: number; ttl: number }) => void): void {
      const answer = ({ count, msLeft }: Count): void => {
        tell(null, { current: count, ttl: msLeft })
      }
      const owned = own.add(key)
      if (shared === null) {
        answer(owned)
      } else {
        void shared.add(key).then((count) => {
          answer(count ?? owned)
        })
      }
    }

    /** All routes share one limit. */
    child(): this {
      return this
    }
  }
}

/** One for each number of seconds: capturing a stack would cost more than the answer. */
const refusals = new Map<number, HttpError>()

function refusalFor(seconds: number): HttpError {
  const known = refusals.get(seconds)
  if (known !== undefined) return known
  const refusal = new HttpError('rate_limited', { retryAfterSeconds: seconds })
  refusals.set(seconds, refusal)
  return refusal
}

export default fp(rateLimits, {
  name: 'rate-limits',
  fastify: '5.x',
  dependencies: ['limits', 'auth'],
})
