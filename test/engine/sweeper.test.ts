import { EventEmitter, once } from 'node:events'
import t, { type Test } from 'tap'
import type { Chore } from '../../src/engine/chores.ts'
import { Sweeper } from '../../src/engine/sweeper.ts'
import { turn } from '../helpers/commit-stage.ts'
import { until } from '../helpers/until.ts'

const DONE: Chore = () => Promise.resolve({ isDone: true })
const FAILING: Chore = () => Promise.reject(new Error('as the test wants it'))

interface Told {
  readonly job: string
  readonly isNews: boolean
}

/** A sweeper with these chores, which are due in each round, and what it tells of failures. */
function startSweeper(t: Test, chores: Record<string, Chore>, choreIntervalMs = 0) {
  const told: Told[] = []
  let rounds = 0
  const sweeper = new Sweeper({
    intervalMs: 1,
    find: () => {
      rounds += 1
      return Promise.resolve([])
    },
    settle: () => Promise.resolve(),
    purge: DONE,
    chores,
    choreIntervalMs,
    onError: (job, _error, isNews) => told.push({ job, isNews }),
  })
  t.teardown(() => sweeper.stop())
  sweeper.start()
  return { sweeper, told, rounds: () => rounds }
}

/** Does what `chore` does, and counts how often. */
function counted(chore: Chore): Chore & { times: number } {
  const counting = Object.assign(
    () => {
      counting.times += 1
      return chore()
    },
    { times: 0 },
  )
  return counting
}

t.test('a chore that fails keeps no other, and is news once', async (t) => {
  const [before, failing, after] = [counted(DONE), counted(FAILING), counted(DONE)]
  const { told, sweeper } = startSweeper(t, { before, failing, after })
  await until(async () => Math.min(before.times, failing.times, after.times) > 3)
  await sweeper.stop()
  t.same(new Set(told.map(({ job }) => job)), new Set(['failing']))
  t.same(told.map(({ isNews }) => isNews).slice(0, 3), [true, false, false])
})

t.test('each has a state of its own: one that goes well hides no other', async (t) => {
  let isBroken = true
  const mended: Chore = () => (isBroken ? FAILING() : DONE())
  const { told, sweeper } = startSweeper(t, { mended, failing: FAILING })
  await until(async () => told.length > 3)
  const newsOf = (job: string) => told.filter((each) => each.job === job && each.isNews).length
  t.same([newsOf('mended'), newsOf('failing')], [1, 1])
  isBroken = false
  const soFar = told.length
  await until(async () => told.length > soFar + 3)
  isBroken = true
  await until(async () => newsOf('mended') === 2, 'its next failure is news')
  await sweeper.stop()
  t.equal(newsOf('failing'), 1)
})

t.test('one that takes long is begun once, keeps no other, and is waited for', async (t) => {
  const end = new EventEmitter()
  const slow = counted(async () => {
    await once(end, 'end')
    return { isDone: true }
  })
  const other = counted(DONE)
  const { sweeper, rounds } = startSweeper(t, { slow, other })
  await until(async () => other.times > 3 && rounds() > 3)
  t.equal(slow.times, 1)
  let isStopped = false
  const stopping = sweeper.stop().then(() => {
    isStopped = true
  })
  await turn()
  t.notOk(isStopped)
  end.emit('end')
  await stopping
})

t.test(
  'a chore that is not done goes on in the next round, others when they are due',
  async (t) => {
    const HOUR_MS = 3_600_000
    const pieces = counted(() => Promise.resolve({ isDone: pieces.times > 3 }))
    const { sweeper, rounds } = startSweeper(t, { pieces }, HOUR_MS)
    await until(async () => rounds() > 3)
    t.equal(pieces.times, 0, 'an hour has to pass first')
    await sweeper.stop()

    const now = performance.now.bind(performance)
    let aheadMs = 0
    t.capture(performance, 'now', () => now() + aheadMs)
    const later = startSweeper(t, { pieces }, HOUR_MS)
    aheadMs = HOUR_MS
    await until(async () => pieces.times === 4)
    const soFar = later.rounds()
    await until(async () => later.rounds() > soFar + 3)
    t.equal(pieces.times, 4)
  },
)
