import t from 'tap'
import type { FairQueues } from '../../src/engine/fair-queues.ts'
import type { Batch } from '../../src/engine/group-queues.ts'
import { createQueues, sizes, type Entry } from '../helpers/fair-queues.ts'

// The promise: waits for locks are shared as fairly as lanes are, and cost nobody a turn in those.

t.test('places for those who wait for locks are halved as well', async (t) => {
  const { queues, storm, add } = createQueues({ lanes: 100, waiters: 4 })
  add('b', 1, 'quiet')
  storm('a', 10)
  for (const round of [1, 2]) {
    const batch = queues.take('skip')
    if (batch === undefined) throw new TypeError(`there is no batch ${round}`)
    for (const share of batch.shares) {
      queues.release(share, { returned: share.entries, isLocked: true })
    }
    queues.end(batch)
  }
  t.equal(queues.take('skip'), undefined, 'all keys were locked twice')
  const batches = Array.from({ length: 5 }, () => sizes(queues.take('wait')))
  t.same(batches, [{ b: 1 }, { a: 1 }, { a: 1 }, {}, {}])
})

/** Has a batch find all of its keys locked, and wait for their locks from now on. */
function lockAll(queues: FairQueues<Entry>, batch: Batch<Entry> | undefined): void {
  if (batch === undefined) throw new TypeError('there is no batch')
  for (const share of batch.shares) {
    queues.release(share, { returned: share.entries, isLocked: true, wait: true })
  }
  queues.end(batch)
}

t.test('batches that wait for no lock cost a group no turn of those that do', async (t) => {
  const { queues, add, end } = createQueues({ waiters: 1 })
  for (const group of ['a', 'b', 'c']) {
    for (const key of [1, 2, 3]) add(group, key, 'locked')
  }
  lockAll(queues, queues.take('skip'))
  const turns: Record<string, number>[] = []
  for (let i = 0; i < 6; i += 1) {
    // One that would keep its group behind the others for ever.
    add('a', 10 + i, 'free')
    end(queues.take('skip'))
    const batch = queues.take('wait')
    turns.push(sizes(batch))
    end(batch)
  }
  t.same(turns, [{ a: 1 }, { b: 1 }, { c: 1 }, { a: 1 }, { b: 1 }, { c: 1 }])
})

t.test('nor do batches that wait cost it one of the others', async (t) => {
  const { queues, add, storm, end } = createQueues({ lanes: 1, maxBatchSize: 1 })
  for (const key of [1, 2]) {
    add('a', key, 'locked')
    lockAll(queues, queues.take('skip'))
  }
  for (const group of ['a', 'b']) for (const key of [11, 12]) add(group, key, 'free')
  const turns: Record<string, number>[] = []
  for (const mode of ['wait', 'skip', 'skip', 'wait', 'skip', 'skip'] as const) {
    const batch = queues.take(mode)
    if (mode === 'skip') turns.push(sizes(batch))
    end(batch)
  }
  t.same(turns, [{ a: 1 }, { b: 1 }, { a: 1 }, { b: 1 }], 'without a backlog')

  add('a', 3, 'locked')
  lockAll(queues, queues.take('skip'))
  for (const group of ['a', 'b']) storm(group, 100)
  end(queues.take('wait'))
  const ofBacklogs = [1, 2].map(() => {
    const batch = queues.take('skip')
    end(batch)
    return sizes(batch)
  })
  t.same(ofBacklogs, [{ a: 1 }, { b: 1 }], 'and with one')
})
