import t from 'tap'
import { FairQueues } from '../../src/engine/fair-queues.ts'
import type { Batch } from '../../src/engine/group-queues.ts'
import type { Group } from '../../src/engine/groups.ts'

interface Entry {
  readonly name: string
  readonly arrivedAt: number
}

const LONG_AGO_MS = 60_000

/** Queues of which the test sees names only. */
function createQueues({ lanes = 2, waiters = 2, maxBatchSize = 512 } = {}) {
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
function sizes(batch: Batch<Entry> | undefined): Record<string, number> {
  const result: Record<string, number> = {}
  for (const { of, entries } of batch?.shares ?? []) {
    result[String(of.group)] = (result[String(of.group)] ?? 0) + entries.length
  }
  return result
}

t.test('a group that is alone has all lanes, and batches of any size', async (t) => {
  const { queues, storm } = createQueues({ maxBatchSize: 100 })
  storm('a', 300)
  t.same([sizes(queues.take('skip')), sizes(queues.take('skip'))], [{ a: 100 }, { a: 100 }])
  t.equal(queues.length, 100)
})

t.test('beside an active group one has half of the lanes, and smaller batches', async (t) => {
  const { queues, storm, add, end } = createQueues({ lanes: 5 })
  storm('a', 1000, 100)
  add('b', 1, 'quiet')
  t.same(sizes(queues.take('skip')), { b: 1 })
  const ofA = [queues.take('skip'), queues.take('skip')]
  t.same(ofA.map(sizes), [{ a: 64 }, { a: 64 }])
  t.equal(queues.take('skip'), undefined, 'no third of the five')
  end(ofA[0])
  t.same(sizes(queues.take('skip')), { a: 64 })
})

t.test('what joins a batch on its way makes it no larger than it may be', async (t) => {
  const { queues, storm, add, end } = createQueues()
  const topUp = (batch: Batch<Entry> | undefined) => {
    if (batch === undefined) throw new TypeError('there is no batch')
    return batch.shares.flatMap((share) => queues.topUp(batch, share, 512)).length
  }
  storm('a', 200, 1)
  const alone = queues.take('skip')
  storm('a', 400, 1)
  t.same([sizes(alone), topUp(alone), sizes(alone)], [{ a: 200 }, 312, { a: 512 }])
  end(alone)

  add('b', 1, 'quiet')
  end(queues.take('skip'))
  const beside = queues.take('skip')
  t.same(sizes(beside), { a: 64 })
  storm('a', 300, 1)
  t.same([topUp(beside), sizes(beside)], [0, { a: 64 }])
  end(beside)
})

t.test('who storms once it is in a shared batch has no more of it than of one alone', async (t) => {
  const { queues, storm, add } = createQueues()
  for (const key of [1, 2]) add('a', key, 'few')
  add('b', 1, 'few')
  const batch = queues.take('skip')
  if (batch === undefined) throw new TypeError('there is no batch')
  t.same(sizes(batch), { a: 2, b: 1 })
  storm('a', 300, 3)
  for (const share of batch.shares) queues.topUp(batch, share, 512)
  t.same(sizes(batch), { a: 64, b: 1 })
})

t.test('one lane cannot be halved', async (t) => {
  const { queues, storm, add } = createQueues({ lanes: 1 })
  add('b', 1, 'quiet')
  storm('a', 100)
  t.same(sizes(queues.take('skip')), { b: 1 })
  t.same(sizes(queues.take('skip')), { a: 64 }, 'how many batches there are, the caller sees to')
})

t.test('who was active long ago takes no lane from others', async (t) => {
  const { queues, storm, add, end } = createQueues()
  add('b', 1, 'old', performance.now() - LONG_AGO_MS)
  end(queues.take('skip'))
  storm('a', 1000, 100)
  const [first, second] = [sizes(queues.take('skip')), sizes(queues.take('skip'))]
  t.same([first, second], [{ a: 512 }, { a: 480 }], 'but for a key of which the first took two')
})

t.test('those without a backlog share batches, and wait for one batch of others', async (t) => {
  const { queues, storm, add, end } = createQueues({ lanes: 1 })
  for (const group of ['a', 'b', 'c']) storm(group, 200)
  const first = queues.take('skip')
  t.same(sizes(first), { a: 64 })
  for (const group of ['x', 'y']) add(group, 1, 'quiet')
  end(first)
  const second = queues.take('skip')
  t.same(sizes(second), { x: 1, y: 1 }, 'three groups storm, and were there before')
  end(second)
  const rest: Record<string, number>[] = []
  for (let i = 0; i < 4; i += 1) {
    const batch = queues.take('skip')
    rest.push(sizes(batch))
    end(batch)
  }
  t.same(rest, [{ b: 64 }, { c: 64 }, { a: 64 }, { b: 64 }], 'those that storm take turns')
})

t.test('many without a backlog leave those with one every other batch', async (t) => {
  const { queues, storm, add, end } = createQueues({ lanes: 1, maxBatchSize: 3 })
  storm('a', 100)
  const batches: Record<string, number>[] = []
  for (let i = 0; i < 12; i += 1) add(`q${i}`, 1, 'quiet')
  for (let i = 0; i < 6; i += 1) {
    const batch = queues.take('skip')
    batches.push(sizes(batch))
    end(batch)
  }
  t.same(batches, [
    { q0: 1, q1: 1, q2: 1 },
    { a: 3 },
    { q3: 1, q4: 1, q5: 1 },
    { a: 3 },
    { q6: 1, q7: 1, q8: 1 },
    { a: 3 },
  ])
})

t.test('what is heavy goes apart, and is passed over by nobody for ever', async (t) => {
  const { queues, add, end } = createQueues({ lanes: 1 })
  add('a', 1, 'light')
  add('b', 1, 'heavy')
  add('c', 1, 'light')
  const first = queues.take('skip')
  t.same(sizes(first), { a: 1, c: 1 })
  end(first)
  add('a', 1, 'light')
  t.same(sizes(queues.take('skip')), { b: 1 })
})

t.test('a key of one group is not that of another one', async (t) => {
  const { queues, add } = createQueues()
  add('a', 7, 'own')
  t.same(sizes(queues.take('skip')), { a: 1 })
  add('b', 7, 'stranger')
  add('a', 7, 'later')
  t.same(sizes(queues.take('skip')), { b: 1 })
  t.equal(queues.take('skip'), undefined)
  t.equal(queues.lengthOf('a', 7), 1)
})

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

t.test('what is left behind is removed over all groups, and counted', async (t) => {
  const { queues, add, storm } = createQueues()
  const old = performance.now() - LONG_AGO_MS
  add('a', 1, 'late', old)
  add('b', 1, 'late', old)
  storm('c', 3)
  const late = queues.removeWhile(({ arrivedAt }) => arrivedAt <= old)
  t.same([late.length, queues.length], [2, 3])
  t.same(sizes(queues.take('skip')), { c: 3 })
})

t.test('how many may wait turns on how much room is left', async (t) => {
  const fill = (groups: readonly Group[], max: number) => {
    const { queues, add } = createQueues()
    const counts = groups.map(() => 0)
    for (let i = 0; i < 10 * max; i += 1) {
      const group = groups[i % groups.length] ?? null
      if (!queues.hasRoomFor(group, max)) continue
      add(group, i, 'waits')
      counts[i % groups.length] = (counts[i % groups.length] ?? 0) + 1
    }
    return counts
  }
  t.same(fill(['a'], 120), [60], 'one has half')
  t.same(fill(['a', 'b'], 120), [40, 40], 'two a third each')
  t.same(fill(['a', 'b', 'c', 'd', 'e'], 120), [20, 20, 20, 20, 20], 'there is room for the next')
  t.same(fill([null], 120), [120], 'all of it where nobody is told apart')
  t.same(fill(['a'], 1), [1])
})

t.test('groups without anything to do are forgotten, but for some', async (t) => {
  const { queues, add, end } = createQueues()
  /** What is remembered of a group: it is another one where the group had been forgotten. */
  const visit = (group: string) => {
    add(group, 1, 'once')
    const batch = queues.take('skip')
    end(batch)
    return batch?.shares[0]?.of
  }
  const names = Array.from({ length: 1000 }, (_, i) => `group ${i}`)
  const before = names.map(visit)
  // From the newest on, so that no visit pushes out what the next one is about.
  const remembered = names.map((name, i) => ({ name, of: before[i] })).reverse()
  const isRemembered = remembered.map(({ name, of }) => visit(name) === of)
  t.equal(isRemembered.indexOf(false), 100, 'the last 100')
  t.notOk(isRemembered.includes(true, 100), 'and no others')
})

t.test('groups that wait or are at work are never forgotten', async (t) => {
  const { queues, add, end } = createQueues({ lanes: 10 })
  add('at work', 1, 'first')
  const atWork = queues.take('skip')
  for (let i = 0; i < 300; i += 1) {
    add(`group ${i}`, 1, 'once')
    end(queues.take('skip'))
  }
  add('at work', 1, 'second')
  t.equal(queues.take('skip'), undefined, 'its key is still in the batch')
  end(atWork)
  t.same(sizes(queues.take('skip')), { 'at work': 1 })

  for (let i = 0; i < 300; i += 1) add(`group ${i}`, 1, 'waits')
  const served = queues.take('skip')
  t.equal(Object.keys(sizes(served)).length, 300)
  end(served)
  t.equal(queues.length, 0)
})
