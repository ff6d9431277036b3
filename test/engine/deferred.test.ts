import t from 'tap'
import type { BatchResult } from '../../src/engine/group-commit.ts'
import { createStage, endBut, putOff } from '../helpers/commit-stage.ts'

// What turns on work that is left to the next batches (`later`) waits apart from the newcomers,
// and is taken again without keeping them away.

const later: BatchResult<string> = { status: 'later' }
const again: BatchResult<string> = { status: 'again' }
const locked: BatchResult<string> = { status: 'locked' }
const NOT_STARTED = new Error('not started')

function named(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`)
}

t.test('what is put off comes into the next batch, in order of arrival', async (t) => {
  const stage = createStage(t)
  const answers = ['a', 'b', 'c'].map((name) => stage.submit(1, name))
  const first = await stage.nextBatch()
  answers.push(stage.submit(1, 'd'))
  endBut(first, (name) => name !== 'b')
  t.equal(await answers[1], 'b', 'others of its batch have their answers')
  const second = await stage.nextBatch()
  t.same([second.names, second.mode], [['a', 'c', 'd'], 'skip'])
  putOff(second)
  const third = await stage.nextBatch()
  t.same(third.names, ['a', 'c', 'd'], 'and again into the one after it')
  third.end()
  t.same(await Promise.all(answers), ['a', 'b', 'c', 'd'])
})

t.test('more than half of a batch put off stay in order over several batches', async (t) => {
  const stage = createStage(t, { maxBatchSize: 4 })
  const answers = named('a', 4).map((name) => stage.submit(1, name))
  const first = await stage.nextBatch()
  answers.push(...named('b', 4).map((name) => stage.submit(1, name)))
  putOff(first)
  const batches: string[][] = []
  for (let batch = 2; batch <= 3; batch += 1) {
    const next = await stage.nextBatch()
    batches.push(next.names)
    putOff(next)
  }
  t.same(batches, [
    ['a1', 'a2', 'b1', 'b2'],
    ['a1', 'a2', 'b3', 'b4'],
  ])
  // Nobody is new any more: the whole room is for those that were put off.
  const order: string[] = []
  while (order.length < answers.length) {
    const batch = await stage.nextBatch()
    t.equal(batch.names.length, 4)
    order.push(...batch.names)
    batch.end()
  }
  t.same(order, [...named('a', 4), ...named('b', 4)])
  t.same(await Promise.all(answers), order)
})

t.test('newcomers get into each batch, however many are put off', async (t) => {
  const stage = createStage(t, { maxBatchSize: 10 })
  const waiting = named('a', 10).map((name) => stage.submit(1, name))
  putOff(await stage.nextBatch())
  for (let round = 1; round <= 3; round += 1) {
    const all = await stage.nextBatch()
    t.same(all.names, named('a', 10), 'where nobody is new there is room for all')
    const confirm = stage.submit(1, 'confirm')
    putOff(all)
    const mixed = await stage.nextBatch()
    t.same(mixed.names, [...named('a', 9), 'confirm'], 'those put off fill what is left')
    const many = named('new', 10).map((name) => stage.submit(1, name))
    endBut(mixed, (name) => name !== 'confirm')
    t.equal(await confirm, 'confirm')
    for (const newcomers of [named('new', 5), named('new', 10).slice(5)]) {
      const half = await stage.nextBatch()
      t.same(half.names, [...named('a', 5), ...newcomers], 'half of it for either')
      endBut(half, (name) => name.startsWith('a'))
    }
    await Promise.all(many)
  }
  const last = await stage.nextBatch()
  last.end()
  t.same(await Promise.all(waiting), named('a', 10))
})

t.test('what comes along while a batch waits for its lock is not put off', async (t) => {
  const stage = createStage(t)
  const answers = [stage.submit(1, 'a')]
  putOff(await stage.nextBatch())
  const second = await stage.nextBatch()
  answers.push(stage.submit(1, 'b'))
  t.same(second.more(), ['b'])
  second.end([later, { status: 'done', value: 'b' }])
  const third = await stage.nextBatch()
  t.same(third.names, ['a'])
  third.end()
  t.same(await Promise.all(answers), ['a', 'b'])
})

t.test('a batch of one has room for what was put off', async (t) => {
  const stage = createStage(t, { maxBatchSize: 1 })
  const answers = ['a', 'b', 'c'].map((name) => stage.submit(1, name))
  putOff(await stage.nextBatch())
  for (const name of ['a', 'b', 'c']) {
    const batch = await stage.nextBatch()
    t.same(batch.names, [name])
    batch.end()
    await answers.shift()
  }
})

t.test('other keys go on, and what was put off has its turn after them', async (t) => {
  const stage = createStage(t, { maxBatchSize: 1 })
  const putOffOne = stage.submit(1, 'a')
  const first = await stage.nextBatch()
  const other = stage.submit(2, 'b')
  putOff(first)
  for (const [name, answer] of [
    ['b', other],
    ['a', putOffOne],
  ] as const) {
    const batch = await stage.nextBatch()
    t.same(batch.names, [name])
    batch.end()
    t.equal(await answer, name)
  }
})

t.test('a lock that is met does not change the order of what was put off', async (t) => {
  const stage = createStage(t, { maxBatchSize: 4 })
  const answers = named('a', 4).map((name) => stage.submit(1, name))
  const first = await stage.nextBatch()
  answers.push(...named('b', 3).map((name) => stage.submit(1, name)))
  putOff(first)
  const second = await stage.nextBatch()
  t.same(second.names, ['a1', 'a2', 'b1', 'b2'])
  second.end(second.names.map(() => locked))
  const third = await stage.nextBatch()
  t.same([third.names, third.mode], [['a1', 'a2', 'b1', 'b2'], 'wait'])
  third.end([again, again, again, again])
  const order: string[] = []
  while (order.length < answers.length) {
    const batch = await stage.nextBatch()
    order.push(...batch.names)
    batch.end()
  }
  t.same(
    order.filter((name) => name.startsWith('a')),
    named('a', 4),
  )
  t.same(
    order.filter((name) => name.startsWith('b')),
    named('b', 3),
  )
  await Promise.all(answers)
})

t.test('those put off count where a queue is full', async (t) => {
  const stage = createStage(t, { maxQueueLengthPerKey: 2, maxQueueLength: 3, maxBatchSize: 1 })
  const answers = [stage.submit(1, 'a')]
  const first = await stage.nextBatch()
  answers.push(stage.submit(2, 'b'), stage.submit(1, 'c'))
  putOff(first)
  const second = await stage.nextBatch()
  t.same(second.names, ['b'])
  await t.rejects(stage.submit(1, 'd'), new Error('overloaded'))
  answers.push(stage.submit(2, 'e'))
  await t.rejects(stage.submit(3, 'f'), new Error('overloaded'))
  second.end()
  for (let left = 3; left > 0; left -= 1) {
    const batch = await stage.nextBatch()
    batch.end()
  }
  t.same(await Promise.all(answers), ['a', 'b', 'c', 'e'])
})

t.test('what nobody waits for any more is dropped when it comes again', async (t) => {
  const stage = createStage(t)
  let isGone = false
  const gone = stage.submit(1, 'gone', () => isGone)
  const here = stage.submit(1, 'here')
  const first = await stage.nextBatch()
  isGone = true
  putOff(first)
  const second = await stage.nextBatch()
  t.same(second.names, ['here'])
  second.end()
  await t.rejects(gone, NOT_STARTED)
  t.equal(await here, 'here')
})

t.test('closing answers what was put off as well', async (t) => {
  const stage = createStage(t, { maxBatchSize: 2 })
  const answers = named('a', 2).map((name) => stage.submit(1, name))
  const first = await stage.nextBatch()
  let isClosed = false
  const closed = stage.commits.close().then(() => (isClosed = true))
  putOff(first)
  const second = await stage.nextBatch()
  putOff(second)
  const third = await stage.nextBatch()
  t.same(third.names, named('a', 2))
  t.notOk(isClosed)
  third.end()
  t.same(await Promise.all(answers), named('a', 2))
  await closed
})

t.test('of several keys that comes first of which somebody has waited longest', async (t) => {
  const stage = createStage(t)
  // Of each batch as much is done as there is room for, in its order; and always something of key 2.
  const [hungry, modest] = [1, 2]
  const answers = [
    ...['h1', 'h2'].map((name) => stage.submit(hungry, name)),
    ...['m1', 'm patch'].map((name) => stage.submit(modest, name)),
  ]
  const first = await stage.nextBatch()
  answers.push(stage.submit(hungry, 'h3'), stage.submit(modest, 'm another'))
  endBut(first, (name) => ['h2', 'm1'].includes(name))
  const second = await stage.nextBatch()
  t.same(second.names, ['h2', 'h3', 'm1', 'm another'], 'h2 came before m1')
  answers.push(stage.submit(hungry, 'h4'), stage.submit(modest, 'm third'))
  endBut(second, (name) => ['h3', 'm1'].includes(name))
  const third = await stage.nextBatch()
  t.same(third.names, ['m1', 'm third', 'h3', 'h4'], 'and m1 before h3')
  third.end()
  await Promise.all(answers)
})
