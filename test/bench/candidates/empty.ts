import type { EventView } from '../../../src/domain/model.ts'
import { CoalescedReads } from '../../../src/engine/coalesced-reads.ts'
import type { Reservations } from '../../../src/engine/engine.ts'
import type { KeyedReads } from '../../../src/plugins/reads/keyed-reads.ts'
import { madeUpEvent } from './made-up.ts'
import { plainEngine } from './plain.ts'

const BOUNDS = { maxKeys: 500, maxWaiting: 100_000, timeoutMs: 60_000 }

/** Books nothing: what is left of the service where its database costs nothing. */
export function emptyEngine(): Reservations {
  let id = 0
  return plainEngine(() => {
    id += 1
    return Promise.resolve({ ok: true, id, createdAt: new Date() })
  })
}

/** Reads nothing, and shares that as the service shares what it reads: one view for all who ask. */
export function emptyRead(): KeyedReads['event'] {
  const load = (ids: readonly number[]): Promise<Map<number, EventView>> =>
    Promise.resolve(new Map(ids.map((id) => [id, madeUpEvent(id)])))
  const reads = new CoalescedReads(load, BOUNDS)
  return ({ socket }, id) => reads.read(id, () => socket.destroyed)
}
