import t from 'tap'
import { createStage, turn } from '../helpers/commit-stage.ts'

t.test('a lone command waits for nobody', async (t) => {
  const stage = createStage(t)
  const answer = stage.submit(1, 'a')
  const batch = await stage.nextBatch()
  t.same(batch.names, ['a'])
  batch.end()
  t.equal(await answer, 'a')
})

t.test('what arrives while a batch is at work shares the next one, in order', async (t) => {
  const stage = createStage(t)
  const first = stage.submit(1, 'a')
  const batch = await stage.nextBatch()
  const later = ['b', 'c', 'd'].map((name) => stage.submit(1, name))
  await turn()
  t.same(stage.begun, [], 'the only lane is taken')
  batch.end()
  await first
  const second = await stage.nextBatch()
  t.same(second.names, ['b', 'c', 'd'])
  second.end()
  t.same(await Promise.all(later), ['b', 'c', 'd'])
})

t.test('a key is never in two batches at once, others go on', async (t) => {
  const stage = createStage(t, { lanes: 2 })
  const answers = [stage.submit(1, 'a')]
  const first = await stage.nextBatch()
  answers.push(stage.submit(1, 'b'), stage.submit(2, 'c'))
  const second = await stage.nextBatch()
  t.same(second.names, ['c'])
  second.end()
  await turn()
  t.same(stage.begun, [])
  first.end()
  const third = await stage.nextBatch()
  t.same(third.names, ['b'])
  third.end()
  t.same(await Promise.all(answers), ['a', 'b', 'c'])
})

t.test('more commands than a batch holds go into several', async (t) => {
  const stage = createStage(t, { maxBatchSize: 10 })
  const answers = Array.from({ length: 25 }, (_, i) => stage.submit(1, String(i)))
  const sizes: number[] = []
  for (let batches = 0; batches < 3; batches += 1) {
    const batch = await stage.nextBatch()
    sizes.push(batch.names.length)
    batch.end()
  }
  t.same(sizes, [10, 10, 5])
  t.same(
    await Promise.all(answers),
    Array.from({ length: 25 }, (_, i) => String(i)),
  )
})

t.test('a stormed key goes into batches of its own', async (t) => {
  const stage = createStage(t, { lanes: 2 })
  const storm = Array.from({ length: 90 }, (_, i) => stage.submit(1, `storm ${i}`))
  const cold = stage.submit(2, 'cold')
  const [first, second] = [await stage.nextBatch(), await stage.nextBatch()]
  t.same([first.names.length, second.names], [90, ['cold']])
  second.end()
  t.equal(await cold, 'cold')
  first.end()
  await Promise.all(storm)
})

t.test('a key with a heavy command goes into a batch of its own', async (t) => {
  const stage = createStage(t, { lanes: 2 })
  const answers = [stage.submit(1, 'a'), stage.submit(2, 'heavy'), stage.submit(2, 'b')]
  answers.push(stage.submit(3, 'c'), stage.submit(4, 'heavy too'))
  const [first, second] = [await stage.nextBatch(), await stage.nextBatch()]
  t.same(
    [first.names, second.names],
    [
      ['a', 'c'],
      ['heavy', 'b'],
    ],
  )
  first.end()
  const third = await stage.nextBatch()
  t.same(third.names, ['heavy too'])
  second.end()
  third.end()
  t.same(await Promise.all(answers), ['a', 'heavy', 'b', 'c', 'heavy too'])
})

t.test('nothing joins a heavy command that comes first', async (t) => {
  const stage = createStage(t)
  const answers = [stage.submit(1, 'heavy'), stage.submit(2, 'a'), stage.submit(3, 'b')]
  const first = await stage.nextBatch()
  t.same(first.names, ['heavy'])
  first.end()
  const second = await stage.nextBatch()
  t.same(second.names, ['a', 'b'])
  second.end()
  t.same(await Promise.all(answers), ['heavy', 'a', 'b'])
})

t.test('a full queue refuses at once, a full key leaves room for the others', async (t) => {
  const stage = createStage(t, { maxQueueLength: 3, maxQueueLengthPerKey: 2 })
  const answers = [stage.submit(1, 'at work')]
  const batch = await stage.nextBatch()
  answers.push(stage.submit(1, 'a'), stage.submit(1, 'b'))
  await t.rejects(stage.submit(1, 'c'), new Error('overloaded'))
  answers.push(stage.submit(2, 'd'))
  await t.rejects(stage.submit(3, 'e'), new Error('overloaded'))
  batch.end()
  const rest = await stage.nextBatch()
  rest.end()
  await Promise.all(answers)
})

t.test('a batch that fails fails its commands, and the next one runs', async (t) => {
  const stage = createStage(t)
  const answer = stage.submit(1, 'a')
  const batch = await stage.nextBatch()
  batch.end(new Error('no database'))
  await t.rejects(answer, new Error('no database'))
  const next = stage.submit(1, 'b')
  const second = await stage.nextBatch()
  second.end()
  t.equal(await next, 'b')
})

t.test('each command has a fate of its own', async (t) => {
  const stage = createStage(t)
  const [good, bad] = [stage.submit(1, 'good'), stage.submit(1, 'bad')]
  const batch = await stage.nextBatch()
  batch.end([
    { status: 'done', value: 'good' },
    { status: 'failed', error: new Error('bad') },
  ])
  t.equal(await good, 'good')
  await t.rejects(bad, new Error('bad'))
})

t.test('what has to be decided after another one of its batch comes into the next', async (t) => {
  const stage = createStage(t)
  const answers = ['a', 'b', 'c'].map((name) => stage.submit(1, name))
  const first = await stage.nextBatch()
  t.same(first.names, ['a', 'b', 'c'])
  answers.push(stage.submit(1, 'd'))
  first.end([{ status: 'done', value: 'a' }, { status: 'again' }, { status: 'done', value: 'c' }])
  const second = await stage.nextBatch()
  t.same([second.names, second.mode], [['b', 'd'], 'skip'], 'before all that came later')
  second.end()
  t.same(await Promise.all(answers), ['a', 'b', 'c', 'd'])
})

t.test('a command that nobody waits for is dropped at its turn', async (t) => {
  const stage = createStage(t)
  const gone = stage.submit(1, 'gone', () => true)
  const here = stage.submit(1, 'here', () => false)
  const batch = await stage.nextBatch()
  t.same(batch.names, ['here'])
  batch.end()
  t.equal(await here, 'here')
  await t.rejects(gone, new Error('not started'))
})

t.test('closing answers what was accepted and takes no more', async (t) => {
  const stage = createStage(t)
  const answers = [stage.submit(1, 'a')]
  const first = await stage.nextBatch()
  answers.push(stage.submit(1, 'b'))
  const closed = stage.commits.close()
  await t.rejects(stage.submit(1, 'c'), new Error('closing'))
  first.end()
  const second = await stage.nextBatch()
  second.end()
  t.same(await Promise.all(answers), ['a', 'b'])
  await closed
})

t.test('what has come for its keys meanwhile joins a batch that asks for it', async (t) => {
  const stage = createStage(t, { maxBatchSize: 3 })
  const answers = [stage.submit(1, 'a')]
  const batch = await stage.nextBatch()
  answers.push(...['b', 'c', 'd'].map((name) => stage.submit(1, name)), stage.submit(2, 'e'))
  t.same(batch.more(), ['b', 'c'], 'of its own key, up to the size of a batch')
  batch.end()
  const second = await stage.nextBatch()
  t.same(second.names.toSorted(), ['d', 'e'])
  second.end()
  t.same(await Promise.all(answers), ['a', 'b', 'c', 'd', 'e'])
})

t.test('nothing joins for a key that the batch did not begin with', async (t) => {
  const stage = createStage(t)
  const gone = stage.submit(1, 'gone', () => true)
  const other = stage.submit(2, 'other')
  const batch = await stage.nextBatch()
  t.same(batch.names, ['other'])
  const late = stage.submit(1, 'late')
  t.same(batch.more(), [])
  batch.end()
  await t.rejects(gone, new Error('not started'))
  const second = await stage.nextBatch()
  t.same(second.names, ['late'])
  second.end()
  t.same(await Promise.all([other, late]), ['other', 'late'])
})

t.test('nothing joins of a key that must not join', async (t) => {
  const stage = createStage(t, {}, (key) => key !== 1)
  const answers = [stage.submit(1, 'a'), stage.submit(2, 'b')]
  const batch = await stage.nextBatch()
  answers.push(stage.submit(1, 'a2'), stage.submit(2, 'b2'))
  t.same(batch.more(), ['b2'])
  batch.end()
  const second = await stage.nextBatch()
  t.same(second.names, ['a2'])
  second.end()
  t.same(await Promise.all(answers), ['a', 'b', 'a2', 'b2'])
})

t.test('closed means that every answer is given', async (t) => {
  const stage = createStage(t)
  let answered = 0
  const answers = Array.from({ length: 100 }, (_, i) =>
    stage.submit(1, String(i)).then(() => (answered += 1)),
  )
  const batch = await stage.nextBatch()
  const closed = stage.commits.close()
  batch.end()
  await closed
  t.equal(answered, 100)
  await Promise.all(answers)
})
