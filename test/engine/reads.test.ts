import t from 'tap'
import { EngineError } from '../../src/engine/engine-error.ts'
import { Reads } from '../../src/engine/reads.ts'

const BOUNDS = { maxAtWork: 1, maxWaiting: 2, timeoutMs: 10_000 }

/** A read at the database that the test ends. */
function heldRead() {
  const started: (() => void)[] = []
  const ends: (() => void)[] = []
  return {
    hasStarted: new Promise<void>((resolve) => started.push(resolve)),
    end: () => {
      for (const end of ends) end()
    },
    work: () => {
      for (const tell of started) tell()
      return new Promise<string>((resolve) => {
        ends.push(() => {
          resolve('read')
        })
      })
    },
  }
}

t.test('reads take their turns, in order of arrival', async (t) => {
  const reads = new Reads(BOUNDS)
  const order: number[] = []
  let atWork = 0
  const read = (n: number) => async () => {
    order.push(n)
    atWork += 1
    await new Promise((resolve) => setImmediate(resolve))
    t.equal(atWork, 1, 'one at a time')
    atWork -= 1
    return n
  }
  t.same(await Promise.all([1, 2, 3].map((n) => reads.run(read(n)))), [1, 2, 3])
  t.same(order, [1, 2, 3])
})

t.test('a full queue turns reads away, and has room again afterwards', async (t) => {
  const reads = new Reads(BOUNDS)
  const first = heldRead()
  const all = [reads.run(first.work), reads.run(async () => 'a'), reads.run(async () => 'b')]
  await t.rejects(
    reads.run(async () => 'c'),
    { message: 'overloaded' },
  )
  first.end()
  t.same(await Promise.all(all), ['read', 'a', 'b'])
  t.equal(await reads.run(async () => 'd'), 'd')
})

t.test('the deadline holds for what waits and for what is at work', async (t) => {
  const reads = new Reads({ ...BOUNDS, timeoutMs: 20 })
  const first = heldRead()
  const atWork = reads.run(first.work)
  let isStarted = false
  const waiting = reads.run(async () => (isStarted = true))
  await Promise.all([
    t.rejects(atWork, { message: 'database_unavailable' }),
    t.rejects(waiting, { message: 'overloaded' }),
  ])
  // The database is at it still: the next one waits, however late the first one is.
  await t.rejects(
    reads.run(async () => (isStarted = true)),
    { message: 'overloaded' },
  )
  first.end()
  t.equal(await reads.run(async () => 'next'), 'next')
  t.notOk(isStarted, 'what was given up is never started')
})

t.test('a read that nobody waits for is not started', async (t) => {
  const reads = new Reads(BOUNDS)
  const first = heldRead()
  const atWork = reads.run(first.work)
  let isGone = false
  let isStarted = false
  const waiting = reads.run(
    async () => (isStarted = true),
    () => isGone,
  )
  const after = reads.run(async () => 'after')
  await first.hasStarted
  isGone = true
  first.end()
  await t.rejects(waiting, { message: 'overloaded' })
  t.same(await Promise.all([atWork, after]), ['read', 'after'])
  t.notOk(isStarted)
})

t.test('failures of the database have a reason, others come out as they are', async (t) => {
  const reads = new Reads(BOUNDS)
  const reasons = {
    '57014': 'database_unavailable',
    '55P03': 'database_unavailable',
    '22021': 'data_refused',
    '22012': 'internal_error',
  }
  for (const [code, reason] of Object.entries(reasons)) {
    const cause = Object.assign(new Error(), { code })
    const error: unknown = await reads
      .run(() => Promise.reject(cause))
      .catch((failure: unknown) => failure)
    t.ok(error instanceof EngineError)
    t.match(error, { reason, cause })
  }
  const mistake = new TypeError('a mistake')
  await t.rejects(
    reads.run(() => Promise.reject(mistake)),
    mistake,
  )
})
