import type { FastifyInstance, FastifyRequest } from 'fastify'
import { watchKey } from '../../../http/authentication/key-watch.ts'
import { keepOwnTime } from '../../../http/connections/own-time.ts'
import { HttpError } from '../../../http/errors.ts'

export interface Endings {
  /** From the request to the last line that is begun. */
  readonly maxDurationMs: number
  /** Whether who asks was let in by a key. */
  readonly isKeyed: boolean
}

const TOO_LONG = { text: 'The import took too long' }
const BROKEN = { text: 'The rest of the body is malformed, or missing' }

/**
 * Sees to what ends an import from outside.
 *
 * @param stop - called with the reason, perhaps with several
 * @returns takes it back: to be called when the import has ended
 */
export function watchEndings(
  app: Pick<FastifyInstance, 'closing' | 'keyRing'>,
  { raw, socket, headers }: FastifyRequest,
  { maxDurationMs, isKeyed }: Endings,
  stop: (why: unknown) => void,
): () => void {
  const { closing } = app
  const onClosing = (): void => {
    stop(closing.reason)
  }
  closing.addEventListener('abort', onClosing)
  // Nobody waits for what would be tried again.
  const onGone = (): void => {
    stop(new Error('the client has gone'))
  }
  socket.once('close', onGone)
  keepOwnTime(raw, () => {
    stop(new HttpError('bad_request', BROKEN))
  })
  const timer = setTimeout(() => {
    stop(new HttpError('request_timeout', TOO_LONG))
  }, maxDurationMs)
  const unwatchKey = isKeyed ? watchKey(app.keyRing, headers, stop) : undefined
  return () => {
    closing.removeEventListener('abort', onClosing)
    socket.removeListener('close', onGone)
    clearTimeout(timer)
    unwatchKey?.()
  }
}
