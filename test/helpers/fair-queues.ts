import { FairQueues } from '../../src/engine/fair-queues.ts'
import type { Batch } from '../../src/engine/group-queues.ts'
import type { Group } from '../../src/engine/groups.ts'

export interface Entry {
  readonly name: string
  readonly arrivedAt: number
}

/** Longer than a group is active for. */
export const LONG_AGO_MS = 60_000

/** Queues of which the test sees names only. */
export function createQueues({ lanes = 2, waiters = 2, maxBatchSize = 512 } = {}) {
  const queues = new FairQueues<Entry>({
    places: { skip: lanes, wait: waiters },
    maxBatchSize,
    isHeavy: ({ name }) => name.startsWith('heavy'),
  })
  return {
    queues,
    add: (group: Group, key: number, name: string, arrivedAt = performance.now()) => {
      queues.add(group, key, { name, arrivedAt })
    },
    storm: (group: Group, count: number, keys = 10) => {
      for (let i = 0; i < count; i += 1) {
        queues.add(group, i % keys, { name: `${group} ${i}`, arrivedAt: performance.now() })
      }
    },
    end: (batch: Batch<Entry> | undefined) => {
      if (batch === undefined) throw new TypeError('there is no batch')
      for (const share of batch.shares) queues.release(share)
      queues.end(batch)
    },
  }
}

/** How many entries of which groups a batch has. */
export function sizes(batch: Batch<Entry> | undefined): Record<string, number> {
  const result: Record<string, number> = {}
  for (const { of, entries } of batch?.shares ?? []) {
    result[String(of.group)] = (result[String(of.group)] ?? 0) + entries.length
  }
  return result
}
