import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { Lists } from '../../src/engine/lists.ts'

const BOUNDS = { lanes: 2, searchLanes: 1, maxWaiting: 2, timeoutMs: 10_000 }
const SEARCH = { isSearch: true }

/** A page at the database that the test ends; `stopped` tells whether it was told to stop. */
function heldPage(text = 'page') {
  let end: () => void = () => undefined
  let tellStarted: () => void = () => undefined
  let signal: AbortSignal | undefined
  const page = new Promise<string>((resolve) => {
    end = () => {
      resolve(text)
    }
  })
  return {
    hasStarted: new Promise<void>((resolve) => (tellStarted = resolve)),
    isStarted: () => signal !== undefined,
    isStopped: () => signal?.aborted ?? false,
    end,
    read: (_timeLeftMs: number, stop: AbortSignal) => {
      signal = stop
      tellStarted()
      return page
    },
  }
}

const quick = async () => 'quick'

/** A list is answered an instant before its lane is free. */
const laneIsFree = () => nextTurn()

t.test('searches leave a lane to the others', async (t) => {
  const lists = new Lists(BOUNDS)
  const [first, second] = [heldPage('first'), heldPage('second')]
  const searches = [first, second].map(({ read }) => lists.run(read, SEARCH))
  await first.hasStarted
  t.equal(await lists.run(quick), 'quick', 'past the search that waits')
  t.notOk(second.isStarted())
  first.end()
  await second.hasStarted
  second.end()
  t.same(await Promise.all(searches), ['first', 'second'])
})

t.test('a full queue turns lists away, and has room again afterwards', async (t) => {
  const lists = new Lists(BOUNDS)
  const pages = [heldPage(), heldPage()]
  const atWork = pages.map(({ read }) => lists.run(read))
  const waiting = [lists.run(quick), lists.run(quick)]
  await t.rejects(lists.run(quick), { message: 'overloaded' })
  for (const { end } of pages) end()
  t.same(await Promise.all([...atWork, ...waiting]), ['page', 'page', 'quick', 'quick'])
  t.equal(await lists.run(quick), 'quick')
})

t.test('a queue full of searches leaves room to the others, and the other way round', async (t) => {
  const lists = new Lists(BOUNDS)
  const [search, plain] = [heldPage(), heldPage()]
  const searches = [search.read, quick, quick].map((read) => lists.run(read, SEARCH))
  await t.rejects(lists.run(quick, SEARCH), { message: 'overloaded' })
  t.equal(await lists.run(quick), 'quick', 'a lane is free, and so is the queue')
  await laneIsFree()
  const others = [plain.read, quick, quick].map((read) => lists.run(read))
  await t.rejects(lists.run(quick), { message: 'overloaded' })
  search.end()
  t.same(await Promise.all(searches), ['page', 'quick', 'quick'])
  plain.end()
  t.same(await Promise.all(others), ['page', 'quick', 'quick'])
  await laneIsFree()

  const leaving = new AbortController()
  const [atWork, waiting] = [heldPage(), heldPage()]
  const first = lists.run(atWork.read, SEARCH)
  const leavers = [1, 2].map(() => lists.run(waiting.read, { ...SEARCH, gone: leaving.signal }))
  const failing = leavers.map((leaver) => t.rejects(leaver, { message: 'overloaded' }))
  await t.rejects(lists.run(quick, SEARCH), { message: 'overloaded' })
  leaving.abort()
  await Promise.all(failing)
  const next = [1, 2].map(() => lists.run(quick, SEARCH))
  atWork.end()
  t.same(
    await Promise.all([first, ...next]),
    ['page', 'quick', 'quick'],
    'those who left, left room',
  )
})

t.test('the deadline stops what is at work, and keeps its lane until that is over', async (t) => {
  const lists = new Lists({ ...BOUNDS, timeoutMs: 20 })
  const [held, waiting] = [heldPage(), heldPage()]
  const startedAt = performance.now()
  await Promise.all([
    t.rejects(lists.run(held.read, SEARCH), { message: 'database_unavailable' }),
    t.rejects(lists.run(waiting.read, SEARCH), { message: 'overloaded' }),
  ])
  t.ok(performance.now() - startedAt < 5000)
  t.ok(held.isStopped())
  await t.rejects(lists.run(waiting.read, SEARCH), { message: 'overloaded' }, 'it is at it still')
  t.notOk(waiting.isStarted(), 'what was given up is never started')
  held.end()
  t.equal(await lists.run(quick, SEARCH), 'quick')
})

t.test('a client that has left frees its place, at work or waiting', async (t) => {
  const lists = new Lists({ ...BOUNDS, maxWaiting: 1 })
  const [held, waiting] = [heldPage(), heldPage()]
  const [first, second] = [new AbortController(), new AbortController()]
  const atWork = lists.run(held.read, { ...SEARCH, gone: first.signal })
  const next = lists.run(waiting.read, { ...SEARCH, gone: second.signal })
  await held.hasStarted

  second.abort()
  await t.rejects(next, { message: 'overloaded' })
  const last = lists.run(quick, SEARCH)
  t.notOk(held.isStopped())
  first.abort()
  t.ok(held.isStopped(), 'the database is told')
  await t.rejects(atWork, { message: 'overloaded' })
  held.end()
  t.equal(await last, 'quick')
  t.notOk(waiting.isStarted())
  await t.rejects(lists.run(quick, { gone: first.signal }), { message: 'overloaded' })
})

t.test('failures of the database have a reason, others come out as they are', async (t) => {
  const lists = new Lists(BOUNDS)
  const cause = Object.assign(new Error(), { code: '57014' })
  await t.rejects(
    lists.run(() => Promise.reject(cause)),
    { reason: 'database_unavailable', cause },
  )
  const mistake = new TypeError('a mistake')
  await t.rejects(
    lists.run(() => Promise.reject(mistake)),
    mistake,
  )
  t.equal(await lists.run(quick), 'quick', 'their lanes are free')
})
