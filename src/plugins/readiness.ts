import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../config/config.ts'
import { knownMigrations, pendingMigrations } from '../store/pending-migrations.ts'
import type { ErrorCode } from '../http/errors.ts'

/** Why the service is not ready, by the catalogue's codes. */
export type Unreadiness = Extract<
  ErrorCode,
  'database_unavailable' | 'migrations_pending' | 'shutting_down'
>

declare module 'fastify' {
  interface FastifyInstance {
    /** Asks the database, for a bounded time. Null if the service is ready. */
    checkReadiness: () => Promise<Unreadiness | null>
  }
}

/** Whether the service is ready: the database answers, and every migration has been applied. */
async function readiness(app: FastifyInstance, { config }: { config: Config }): Promise<void> {
  const known = await knownMigrations()
  const closing = new AbortController()
  const isClosing = () => closing.signal.aborted
  let last: Unreadiness | null | undefined
  let asking: Promise<Unreadiness | null> | undefined

  // Probes that come at once share one query; many of them would use up the pool otherwise.
  app.decorate('checkReadiness', async () => {
    if (isClosing()) return 'shutting_down'
    asking ??= ask().finally(() => {
      asking = undefined
    })
    const answer = await within(config.database.connectTimeoutMs, asking)
    // The pool may have been closed meanwhile; that is no fault of the database.
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
  // A server that isn't ready stays up and says so; it gets ready by itself when the cause is gone.
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
  // Rejects when it is aborted below; nobody waits for it then.
  timeout.catch(() => undefined)
  try {
    return await Promise.race([answer, timeout])
  } finally {
    timer.abort()
  }
}

export default fp(readiness, { name: 'readiness', fastify: '5.x', dependencies: ['prisma'] })
