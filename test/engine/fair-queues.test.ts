import t from 'tap'
import type { Group } from '../../src/engine/groups.ts'
import { createQueues, LONG_AGO_MS, sizes } from '../helpers/fair-queues.ts'

// The promise: each group has a queue of its own, in no more room than is left, for as long as it needs one.

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
