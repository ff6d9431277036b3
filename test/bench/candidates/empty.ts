import type { Reservations } from '../../../src/engine/engine.ts'
import { plainEngine } from './plain.ts'

/** Books nothing: the most that the framework and the route can do on this machine. */
export function emptyEngine(): Reservations {
  let id = 0
  return plainEngine(() => {
    id += 1
    return Promise.resolve({ ok: true, id, createdAt: new Date() })
  })
}
