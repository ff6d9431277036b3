import t from 'tap'
import { createQueues, sizes } from '../helpers/fair-queues.ts'

// The promise: those that storm take turns, and whoever has no backlog waits for one of them at the most.

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
