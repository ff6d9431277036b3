import type { EventView } from '../../../src/domain/model.ts'
import { DEFAULT_SETTINGS } from '../../../src/domain/policy.ts'
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

/** Reads nothing: there is every event. */
export function emptyRead(_client: unknown, id: number): Promise<EventView> {
  const counts = { bookedSeats: 0, heldSeats: 0, waitlistLength: 0 }
  return Promise.resolve({ ...DEFAULT_SETTINGS, name: 'Event', totalSeats: 100, id, ...counts })
}
