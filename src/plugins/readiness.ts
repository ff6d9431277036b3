import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../config/config.ts'
import { knownMigrations, pendingMigrations } from '../store/pending-migrations.ts'
import type { ErrorCode } from '../http/errors.ts'

/** Why the service can't work now, as the catalogue names it. */
export type Unreadiness = Extract<
  ErrorCode,
  'database_unavailable' | 'migrations_pending' | 'shutting_down'
>

declare module 'fastify' {
  interface FastifyInstance {
    /** Asks the database, within a bound. Null where the service is ready. */
    checkReadiness: () => Promise<Unreadiness | null>
  }
}

/** Whether the service can work: the database answers, and has had every migration. */
async function readiness(app: FastifyInstance, { config }: { config: Config }): Promise<void> {
  const known = await knownMigrations()
  const closing = new AbortController()
  const isClosing = () => closing.signal.aborted
  let last: Unreadiness | null | undefined
  let asking: Promise<Unreadiness | null> | undefined

  // Many probes at once share one question, so that they can't use up the pool.
  app.decorate('checkReadiness', async () => {
    if (isClosing()) return 'shutting_down'
    asking ??= ask().finally(() => {
      asking = undefined
    })
    const answer = await within(config.database.connectTimeoutMs, asking)
    // While it was asked the pool may have been closed: that is no news of the database.
    if (isClosing()) return 'shutting_down'
    if (answer !== last) announce(answer)
    last = answer
    return answer
  })

  async function ask(): Promise<Unreadiness | null> {
    try {
      const pending = await pendingMigrations(app.prisma, known)
      return pending.length === 0 ? null : 'migrations_pending'
    } catch (error) {
      app.log.debug({ err: error }, 'the readiness question failed')
      return 'database_unavailable'
    }
  }

  function announce(answer: Unreadiness | null): void {
    if (answer === null) app.log.info('ready: the database answers and is migrated')
    else app.log.warn({ code: answer }, `not ready: ${REASONS[answer]}`)
  }

  app.addHook('preClose', (done) => {
    closing.abort()
    done()
  })
  // A server that isn't ready stays up and says so; it turns ready by itself when the cause is gone.
  app.addHook('onListen', async () => {
    await app.checkReadiness()
  })
}

const REASONS: Record<Unreadiness, string> = {
  database_unavailable: 'the database does not answer',
  migrations_pending: 'migrations are pending; run `npx prisma migrate deploy`',
  shutting_down: 'shutting down',
}

async function within(
  timeoutMs: number,
  answer: Promise<Unreadiness | null>,
): Promise<Unreadiness | null> {
  const timer = new AbortController()
  const timeout = delay(timeoutMs, 'database_unavailable' as const, { signal: timer.signal })
  // Rejects when it is called off below, which by then is news to nobody.
  timeout.catch(() => undefined)
  try {
    return await Promise.race([answer, timeout])
  } finally {
    timer.abort()
  }
}

export default fp(readiness, { name: 'readiness', fastify: '5.x', dependencies: ['prisma'] })
