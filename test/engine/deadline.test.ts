import t from 'tap'
import { createStage, putOff, turn } from '../helpers/commit-stage.ts'
import { until } from '../helpers/until.ts'

// When the time of a command is over its caller is told, and truly: what was not started never is.

const NOT_STARTED = new Error('not started')
const OUTCOME_UNKNOWN = new Error('outcome unknown')

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

t.test('time runs out for what was put off: it was not started, and never is', async (t) => {
  const stage = createStage(t, { commandTimeoutMs: 500, maxBatchSize: 1 })
  const waits = stage.submit(1, 'a')
  const first = await stage.nextBatch()
  const busy = stage.submit(2, 'busy')
  putOff(first)
  const second = await stage.nextBatch()
  t.same(second.names, ['busy'])
  await Promise.all([t.rejects(waits, NOT_STARTED), t.rejects(busy, OUTCOME_UNKNOWN)])
  second.end()
  await turn()
  t.same(stage.begun, [])
  await stage.commits.close()
})

t.test('what its batch puts off when its time is up was not started', async (t) => {
  const commandTimeoutMs = 500
  const stage = createStage(t, { commandTimeoutMs })
  const late = stage.submit(1, 'a')
  const upAt = performance.now() + commandTimeoutMs
  putOff(await stage.nextBatch())
  const second = await stage.nextBatch()
  t.same(second.names, ['a'])
  // A moment after its time its batch can still tell what became of it.
  await until(() => Promise.resolve(performance.now() >= upAt))
  putOff(second)
  await t.rejects(late, NOT_STARTED)
  await turn()
  t.same(stage.begun, [])
})

t.test('what its batch does a moment after its time is told', async (t) => {
  const commandTimeoutMs = 500
  const stage = createStage(t, { commandTimeoutMs })
  const late = stage.submit(1, 'a')
  const upAt = performance.now() + commandTimeoutMs
  putOff(await stage.nextBatch())
  const second = await stage.nextBatch()
  await until(() => Promise.resolve(performance.now() >= upAt))
  second.end()
  t.equal(await late, 'a')
})

for (const [what, putOffBefore] of [
  ['at work for the first time', false],
  ['that was put off before', true],
] as const) {
  t.test(`a command ${what} whose caller was told is not put back`, async (t) => {
    const stage = createStage(t, { commandTimeoutMs: 1000 })
    const late = stage.submit(1, 'a')
    if (putOffBefore) putOff(await stage.nextBatch())
    const batch = await stage.nextBatch()
    t.same(batch.names, ['a'])
    await t.rejects(late, OUTCOME_UNKNOWN)
    putOff(batch)
    await turn()
    t.same(stage.begun, [])
    const next = stage.submit(1, 'b')
    const alone = await stage.nextBatch()
    t.same(alone.names, ['b'])
    alone.end()
    t.equal(await next, 'b')
  })
}

t.test('closing does not wait for what was given up', async (t) => {
  const stage = createStage(t, { commandTimeoutMs: 100, maxBatchSize: 1 })
  const waits = stage.submit(1, 'a')
  const first = await stage.nextBatch()
  const busy = stage.submit(2, 'busy')
  const closed = stage.commits.close()
  putOff(first)
  const second = await stage.nextBatch()
  await Promise.all([t.rejects(waits, NOT_STARTED), t.rejects(busy, OUTCOME_UNKNOWN)])
  second.end()
  await closed
  t.same(stage.begun, [])
})
