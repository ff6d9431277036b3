import t from 'tap'
import type { BatchResult } from '../../src/engine/group-commit.ts'
import { createStage, turn } from '../helpers/commit-stage.ts'

const locked: BatchResult<string> = { status: 'locked' }

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

t.test('a locked key is passed over once, then waited for beside the lanes', async (t) => {
  const stage = createStage(t)
  const answers = [stage.submit(1, 'a'), stage.submit(2, 'b')]
  const first = await stage.nextBatch()
  answers.push(stage.submit(1, 'a2'))
  first.end([locked, { status: 'done', value: 'b' }])
  const second = await stage.nextBatch()
  t.same([second.names, second.mode], [['a', 'a2'], 'skip'], 'order of arrival is kept')
  second.end([locked, locked])
  const third = await stage.nextBatch()
  t.same([third.names, third.mode], [['a', 'a2'], 'wait'])
  const other = stage.submit(3, 'c')
  const fourth = await stage.nextBatch()
  t.same([fourth.names, fourth.mode], [['c'], 'skip'], 'the lane is free for others')
  fourth.end()
  t.equal(await other, 'c')
  third.end()
  t.same(await Promise.all(answers), ['a', 'b', 'a2'])
})

t.test('a lock that is not had in time fails all that wait for it', async (t) => {
  const stage = createStage(t)
  const answers = [stage.submit(1, 'a')]
  const first = await stage.nextBatch()
  first.end([locked])
  const second = await stage.nextBatch()
  t.equal(second.mode, 'wait', 'nothing else is to be done meanwhile')
  answers.push(stage.submit(1, 'b'))
  second.end([locked])
  for (const answer of answers) await t.rejects(answer, new Error('key locked'))
  const next = stage.submit(1, 'c')
  const third = await stage.nextBatch()
  t.same(third.names, ['c'], 'the next command starts anew')
  third.end()
  t.equal(await next, 'c')
})

t.test(
  'a key that others storm too is waited for at once, and no longer than they do',
  async (t) => {
    let now = performance.now()
    t.intercept(performance, 'now', { value: () => now })
    const stage = createStage(t)
    const modes: string[] = []
    // There is always a command that waits, so that the key is never forgotten.
    const answers = [stage.submit(1, 'a')]
    const next = async (laterMs: number, ...results: BatchResult<string>[]): Promise<void> => {
      const batch = await stage.nextBatch()
      modes.push(batch.mode)
      answers.push(stage.submit(1, 'one more'))
      now += laterMs
      batch.end(results.length > 0 ? results : undefined)
    }
    await next(0, locked)
    await next(100)
    await next(0, locked)
    await next(100)
    await next(100)
    await next(1000)
    await next(0)
    const last = await stage.nextBatch()
    last.end()
    await Promise.all(answers)
    t.same(modes, ['skip', 'wait', 'skip', 'wait', 'wait', 'wait', 'skip'])
  },
)

t.test('a key that is met locked now and then is not waited for beforehand', async (t) => {
  const now = performance.now()
  t.intercept(performance, 'now', { value: () => now })
  const stage = createStage(t)
  const modes: string[] = []
  const endNext = async (results?: BatchResult<string>[]): Promise<void> => {
    const batch = await stage.nextBatch()
    modes.push(batch.mode)
    batch.end(results)
  }
  for (let rounds = 0; rounds < 2; rounds += 1) {
    const met = stage.submit(1, 'met')
    await endNext([locked])
    await endNext()
    await met
    const free = stage.submit(1, 'free')
    await endNext()
    await free
  }
  t.same(modes, ['skip', 'wait', 'skip', 'skip', 'wait', 'skip'])
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

t.test('a lock that is taken, though not for all, is no lock to wait for', async (t) => {
  const stage = createStage(t)
  const answers = ['a', 'b'].map((name) => stage.submit(1, name))
  const first = await stage.nextBatch()
  first.end([locked, locked])
  const second = await stage.nextBatch()
  t.equal(second.mode, 'wait')
  second.end([{ status: 'done', value: 'a' }, { status: 'again' }])
  const third = await stage.nextBatch()
  t.same(third.names, ['b'], 'it is decided, not refused as locked')
  third.end()
  t.same(await Promise.all(answers), ['a', 'b'])
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

t.test('time runs out for what waits and for what is at work', async (t) => {
  const stage = createStage(t, { commandTimeoutMs: 20 })
  const atWork = stage.submit(1, 'a')
  const batch = await stage.nextBatch()
  const queued = stage.submit(1, 'b')
  await t.rejects(atWork, new Error('outcome unknown'))
  await t.rejects(queued, new Error('not started'))
  batch.end()
  await stage.commits.close()
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
