import type { IncomingHttpHeaders } from 'node:http'
import { parseApiKey } from '../../domain/api-key.ts'
import type { KeyRing } from '../../engine/key-ring.ts'
import { HttpError } from '../errors.ts'
import { bearerOf } from './credential.ts'

/** With the ring's own 4 seconds, a key that is revoked has an end within the 5 that are promised. */
const LOOK_MS = 1000

/**
 * Looks again and again whether the API key of a request that goes on lets anybody in.
 *
 * @param onLost - called once, where it does not, or where that can't be found out
 * @returns ends it
 */
export function watchKey(
  ring: Pick<KeyRing, 'atHand' | 'ask'>,
  { authorization }: Pick<IncomingHttpHeaders, 'authorization'>,
  onLost: (why: unknown) => void,
): () => void {
  const key = parseApiKey(bearerOf(authorization) ?? '')
  if (key === undefined) return () => undefined
  let isOver = false
  const look = async (): Promise<void> => {
    try {
      const grant = ring.atHand(key) ?? (await ring.ask(key, () => isOver))
      if (grant === null) throw new HttpError('invalid_token')
      if (!isOver) timer = setTimeout(() => void look(), LOOK_MS)
    } catch (error) {
      if (!isOver) onLost(error)
    }
  }
  let timer = setTimeout(() => void look(), LOOK_MS)
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}
