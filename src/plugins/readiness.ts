import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config/config.ts'
import { CoalescedReads } from '../engine/coalesced-reads.ts'
import { readUsableKeys } from '../store/api-keys.ts'
import { sqlStateOf } from '../store/failure.ts'
import { knownMigrations, pendingMigrations } from '../store/pending-migrations.ts'
import { assertWritable, probeWrites } from '../store/write-check.ts'
import type { ErrorCode } from '../http/errors.ts'

/** Why the service is not ready, by the catalogue's codes. */
export type Unreadiness = Extract<
  ErrorCode,
  'database_unavailable' | 'migrations_pending' | 'shutting_down'
>

/** What the log says beside the code. */
interface Answer {
  readonly code: Unreadiness | null
  readonly reason: string
  readonly error?: unknown
}

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Asks the database, for a bounded time, by a question that begins after the call. Null if the
     * service is ready.
     */
    checkReadiness: () => Promise<Unreadiness | null>
  }
}

/**
 * Whether the service is ready: the database answers, every migration has been applied, writes can work,
 * and callers can be told apart. Where they have failed for want of room, only one that succeeds proves that there is some.
 */
async function readiness(app: FastifyInstance, { config }: { config: Config }): Promise<void> {
  const known = await knownMigrations()
  const closing = new AbortController()
  const isClosing = () => closing.signal.aborted
  let lastReason: string | undefined
  // Probes that come while a question is under way share the next one: many of them would use up the
  // pool otherwise, and the one under way may have been asked before what they are to find out.
  const questions = new CoalescedReads(
    async (keys: readonly 'readiness'[]) => {
      const answer = await ask()
      return new Map(keys.map((key) => [key, answer]))
    },
    {
      maxKeys: 1,
      maxWaiting: config.reads.maxWaiting,
      timeoutMs: config.database.connectTimeoutMs,
    },
  )

  app.decorate('checkReadiness', async () => {
    if (isClosing()) return 'shutting_down'
    // A question never fails, but there may be no answer in time, or too many may wait for it.
    const answer = (await questions.read('readiness').catch(() => null)) ?? SILENT
    // The pool may have been closed meanwhile; that is no fault of the database.
    if (isClosing()) return 'shutting_down'
    if (answer.reason !== lastReason) announce(answer)
    lastReason = answer.reason
    return answer.code
  })

  async function ask(): Promise<Answer> {
    try {
      const pending = await pendingMigrations(app.prisma, known)
      if (pending.length > 0) return PENDING
      await assertWritable(app.prisma)
      // None of them: what it may not read is what nobody could be let in by.
      if (config.auth === 'keys') await readUsableKeys(app.prisma, [])
      if (app.storageDoubt.isRaised) await app.storageDoubt.dispelBy(() => probeWrites(app.prisma))
      return READY
    } catch (error) {
      app.log.debug({ err: error }, 'the readiness question failed')
      return { code: 'database_unavailable', reason: reasonOf(error), error }
    }
  }

  function announce({ code, reason, error }: Answer): void {
    if (code === null) app.log.info(reason)
    else app.log.warn({ code, ...(error !== undefined && { err: error }) }, `not ready: ${reason}`)
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

const READY: Answer = { code: null, reason: 'ready: the database answers and is migrated' }
const PENDING: Answer = {
  code: 'migrations_pending',
  reason: 'migrations are pending; run `npx prisma migrate deploy`',
}
const SILENT: Answer = { code: 'database_unavailable', reason: 'the database does not answer' }

/** By SQLSTATE, where there is one; the first that fits counts. */
const REASONS: readonly (readonly [sqlStates: RegExp, reason: string])[] = [
  [/^25006/, 'the database only reads'],
  [/^RS001/, 'session_replication_role is replica: no trigger would count the seats'],
  [/^53300/, 'the database has no connection left for the service'],
  [/^(53|58)/, 'the database has no room to write'],
  [/^57014/, SILENT.reason],
  [/^57P/, 'the database is starting or stopping'],
  [/^(28|3D)/, 'the database does not let the service in'],
  [/^42501/, 'the role of DATABASE_URL lacks a privilege'],
  [/^55P03/, 'a table is locked'],
]

function reasonOf(error: unknown): string {
  const sqlState = sqlStateOf(error)
  if (sqlState === undefined) return SILENT.reason
  const known = REASONS.find(([sqlStates]) => sqlStates.test(sqlState))
  return known?.[1] ?? `the database refuses what it is asked, with SQLSTATE ${sqlState}`
}

export default fp(readiness, { name: 'readiness', fastify: '5.x', dependencies: ['prisma'] })
