import t from 'tap'
import type { Batch } from '../../src/engine/group-queues.ts'
import { createQueues, LONG_AGO_MS, sizes, type Entry } from '../helpers/fair-queues.ts'

// The promise: whoever is alone has everything; beside others nobody has more than half of the lanes,
// nor more than a small batch at once.

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
