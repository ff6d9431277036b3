import type { EventView } from '../../../src/domain/model.ts'
import { DEFAULT_SETTINGS } from '../../../src/domain/policy.ts'

/** There is every event. */
export function madeUpEvent(id: number): EventView {
  const counts = { bookedSeats: 0, heldSeats: 0, blockedSeats: 0, waitlistLength: 0 }
  return { ...DEFAULT_SETTINGS, name: 'Event', totalSeats: 100, pools: [], id, ...counts }
}
