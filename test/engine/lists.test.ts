import { setImmediate as nextTurn } from 'node:timers/promises'
import { mock } from 'node:test'
import t from 'tap'
import { Lanes } from '../../src/engine/lanes.ts'
import { Lists } from '../../src/engine/lists.ts'

const BOUNDS = { lanes: 2, maxWaiting: 2, timeoutMs: 10_000 }

/** A page at the database that the test ends. */
interface HeldRead {
  readonly query: string
  readonly stop: AbortSignal
  readonly end: (result: string | Error) => void
}

/** Lists whose reads are held until the test ends them, in the order in which they begin. */
function heldLists(bounds: Partial<typeof BOUNDS> = {}) {
  const { lanes, maxWaiting, timeoutMs } = { ...BOUNDS, ...bounds }
  const reads: HeldRead[] = []
  const waiting: (() => void)[] = []
  const lists = new Lists<string, { text: string }>(
    new Lanes({ lanes, maxWaiting }),
    (query, _timeLeftMs, stop) =>
      new Promise((resolve, reject) => {
        const end = (result: string | Error): void => {
          if (result instanceof Error) reject(result)
          else resolve({ text: result })
        }
        reads.push({ query, stop, end })
        for (const wake of waiting.splice(0)) wake()
      }),
    timeoutMs,
  )
  return {
    read: (query: string, gone?: AbortSignal) => lists.read(query, gone),
    queries: () => reads.map(({ query }) => query),
    /** The read that begins as the n-th one, counted from 1. */
    untilStarted: async (n: number): Promise<HeldRead> => {
      for (;;) {
        const read = reads[n - 1]
        if (read !== undefined) return read
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    },
  }
}

t.test('pages take so many lanes, in their order of arrival', async (t) => {
  const held = heldLists()
  const pages = ['a', 'b', 'c', 'd'].map((query) => held.read(query))
  const [first] = [await held.untilStarted(1), await held.untilStarted(2)]
  await nextTurn()
  t.same(held.queries(), ['a', 'b'])
  first.end('A')
  const third = await held.untilStarted(3)
  t.same(held.queries(), ['a', 'b', 'c'])
  third.end('C')
  const fourth = await held.untilStarted(4)
  fourth.end('D')
  ;(await held.untilStarted(2)).end('B')
  t.same(
    (await Promise.all(pages)).map(({ text }) => text),
    ['A', 'B', 'C', 'D'],
  )
})

t.test('a full queue turns pages away, and has room again afterwards', async (t) => {
  const held = heldLists()
  const pages = ['a', 'b', 'c', 'd'].map((query) => held.read(query))
  await t.rejects(held.read('e'), { message: 'overloaded' })
  const shared = held.read('d')
  for (const n of [1, 2, 3, 4]) (await held.untilStarted(n)).end(String(n))
  await Promise.all([...pages, shared])
  const next = held.read('e')
  ;(await held.untilStarted(5)).end('E')
  t.same(await next, { text: 'E' })
})

t.test('requests for one page share a read, and what it gives', async (t) => {
  const held = heldLists()
  const together = [held.read('a'), held.read('a')]
  const first = await held.untilStarted(1)
  // No answer is older than its request: the read at work has begun before these.
  const later = Array.from({ length: 20 }, () => held.read('a'))
  const other = held.read('b')
  ;(await held.untilStarted(2)).end('B')
  t.same(await other, { text: 'B' }, 'which keeps no other page waiting, nor takes its lane')
  t.same(held.queries(), ['a', 'b'])

  first.end('old')
  const second = await held.untilStarted(3)
  const [one, another] = await Promise.all(together)
  t.same(one, { text: 'old' })
  t.equal(one, another)
  second.end('new')
  const pages = new Set(await Promise.all(later))
  t.same([...pages], [{ text: 'new' }], 'one object for all')
  t.same(held.queries(), ['a', 'b', 'a'])
})

t.test('a failure is that of all who share the read, and frees its lane', async (t) => {
  const held = heldLists({ lanes: 1 })
  const cause = Object.assign(new Error(), { code: '57014' })
  const failing = [held.read('a'), held.read('a')]
  ;(await held.untilStarted(1)).end(cause)
  for (const page of failing) await t.rejects(page, { reason: 'database_unavailable', cause })
  const mistake = new TypeError('a mistake')
  const broken = held.read('a')
  ;(await held.untilStarted(2)).end(mistake)
  await t.rejects(broken, mistake)
  const next = held.read('a')
  ;(await held.untilStarted(3)).end('A')
  t.same(await next, { text: 'A' })
})

t.test('the deadline stops what is at work, and keeps its lane until that is over', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => {
    mock.timers.reset()
  })
  const held = heldLists({ lanes: 1, timeoutMs: 200 })
  const atWork = held.read('a')
  const read = await held.untilStarted(1)
  const waiting = held.read('b')
  const sharing = held.read('a')
  mock.timers.tick(199)
  t.notOk(read.stop.aborted)
  mock.timers.tick(1)
  await Promise.all([
    t.rejects(atWork, { message: 'database_unavailable' }),
    t.rejects(waiting, { message: 'overloaded' }),
    t.rejects(sharing, { message: 'overloaded' }),
  ])
  t.ok(read.stop.aborted)
  const late = held.read('b')
  mock.timers.tick(200)
  await t.rejects(late, { message: 'overloaded' }, 'it is at it still')
  t.same(held.queries(), ['a'], 'what was given up is never started')
  read.end('A')
  const next = held.read('b')
  ;(await held.untilStarted(2)).end('B')
  t.same(await next, { text: 'B' })
})

t.test('who leaves frees a place; the last one stops the read', async (t) => {
  const held = heldLists({ lanes: 1, maxWaiting: 1 })
  const [first, second, third] = [1, 2, 3].map(() => new AbortController())
  if (!first || !second || !third) throw new Error('there are three')
  const sharing = [held.read('a', first.signal), held.read('a', second.signal)]
  const read = await held.untilStarted(1)
  const waiting = held.read('b', third.signal)

  third.abort()
  await t.rejects(waiting, { message: 'overloaded' })
  const last = held.read('c')
  first.abort()
  t.notOk(read.stop.aborted, 'the other one waits still')
  second.abort()
  t.ok(read.stop.aborted, 'the database is told')
  for (const page of sharing) await t.rejects(page, { message: 'overloaded' })
  read.end(new Error('cancelled'))
  ;(await held.untilStarted(2)).end('C')
  t.same(await last, { text: 'C' })
  t.same(held.queries(), ['a', 'c'])
  await t.rejects(held.read('a', first.signal), { message: 'overloaded' })
})

t.test('a page whose only reader leaves before it begins is not read', async (t) => {
  const held = heldLists()
  const leaving = new AbortController()
  const page = held.read('a', leaving.signal)
  leaving.abort()
  await t.rejects(page, { message: 'overloaded' })
  const next = held.read('b')
  ;(await held.untilStarted(1)).end('B')
  t.same(await next, { text: 'B' })
  t.same(held.queries(), ['b'])
})
