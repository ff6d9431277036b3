import t from 'tap'
import type { BatchResult } from '../../src/engine/group-commit.ts'
import { createStage } from '../helpers/commit-stage.ts'

// A key that another session holds locked is passed over, or waited for beside the lanes.

const locked: BatchResult<string> = { status: 'locked' }

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
