import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config/config.ts'
import { KeyDesk } from '../engine/key-desk.ts'
import { KeyRing } from '../engine/key-ring.ts'
import { KeyUses } from '../engine/key-uses.ts'
import { hasUsableKey, noteUse, readUsableKeys } from '../store/api-keys.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Tells what API keys allow. */
    keyRing: KeyRing
    /** Makes API keys and revokes them. */
    keyDesk: KeyDesk
  }
}

/** Keys that one statement reads. */
const MAX_KEYS = 500
/** Keys that are remembered: some 5 MB of them. */
const MAX_KEYS_KEPT = 10_000

const NO_KEY =
  'AUTH is keys, and there is no key yet. To make the first: ' +
  '`node dist/cli.js keys create --tenant NAME --scopes admin`'

type KeyRingConfig = Pick<Config, 'auth' | 'database' | 'groupCommit'>

/** Decorates the instance with what it knows API keys by, and what it makes them with. */
function keyRing(
  app: FastifyInstance,
  { config }: { config: KeyRingConfig },
  done: () => void,
): void {
  const { prisma } = app
  const { maxQueueLength: maxWaiting, commandTimeoutMs: timeoutMs } = config.groupCommit
  const uses = new KeyUses(
    (ids) => noteUse(prisma, ids),
    (err) => {
      app.log.debug({ err }, 'the use of API keys could not be written down')
    },
  )
  // On the pool for commands, as no list holds them up there; one statement at a time.
  const ring = new KeyRing(
    (ids) => readUsableKeys(prisma, ids),
    { maxKeys: MAX_KEYS, maxKeysKept: MAX_KEYS_KEPT, maxWaiting, timeoutMs },
    {
      onUse: (id) => {
        uses.note(id)
      },
      onError: (err) => {
        app.log.debug({ err }, 'an API key could not be read again')
      },
    },
  )
  app.decorate('keyRing', ring)
  app.decorate('keyDesk', new KeyDesk(prisma, { ...config.database, timeoutMs }))
  if (config.auth === 'keys') app.addHook('onListen', () => sayIfThereIsNone(app))
  app.addHook('onClose', () => uses.close())
  done()
}

async function sayIfThereIsNone({ prisma, log }: FastifyInstance): Promise<void> {
  try {
    if (!(await hasUsableKey(prisma))) log.info(NO_KEY)
  } catch (err) {
    // Readiness tells what is wrong with the database.
    log.debug({ err }, 'whether there is an API key is not known')
  }
}

export default fp(keyRing, { name: 'key-ring', fastify: '5.x', dependencies: ['prisma'] })
