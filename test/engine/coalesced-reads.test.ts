import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { CoalescedReads } from '../../src/engine/coalesced-reads.ts'
import { EngineError, OVERLOADED } from '../../src/engine/engine-error.ts'
import { Semaphore } from '../../src/engine/semaphore.ts'

const BOUNDS = { maxKeys: 100, maxWaiting: 100, timeoutMs: 10_000 }

/** A table whose statements the test lets go one by one: each reads what stands there when it begins. */
function createTable(rows: Record<string, string>) {
  const table = new Map(Object.entries(rows))
  const statements: string[][] = []
  const held: { readonly letGo: () => void; readonly fail: (error: Error) => void }[] = []
  let tellStarted: () => void = () => undefined
  return {
    table,
    statements,
    load: (keys: readonly string[]) => {
      statements.push([...keys])
      const seen = new Map(keys.flatMap((key) => [...table].filter(([other]) => other === key)))
      const statement = new Promise<Map<string, string>>((resolve, reject) => {
        held.push({
          letGo: () => {
            resolve(seen)
          },
          fail: reject,
        })
      })
      tellStarted()
      return statement
    },
    /** The next statement, once it has begun. */
    next: async () => {
      while (held.length === 0) await new Promise<void>((resolve) => (tellStarted = resolve))
      const statement = held.shift()
      if (statement === undefined) throw new Error('there is none')
      return statement
    },
  }
}

t.test('requests that come while a statement is at work share the next one', async (t) => {
  const { load, next, statements } = createTable({ a: '1', b: '2' })
  const reads = new CoalescedReads(load, BOUNDS)
  const first = reads.read('a')
  const statement = await next()
  const others = ['a', 'b', 'a', 'c', 'b'].map((key) => reads.read(key))
  statement.letGo()
  t.equal(await first, '1')
  ;(await next()).letGo()
  t.same(await Promise.all(others), ['1', '2', '1', null, '2'])
  t.same(statements, [['a'], ['a', 'b', 'c']])
})

t.test('no answer is older than its request', async (t) => {
  const { load, next, table } = createTable({ a: 'old' })
  const reads = new CoalescedReads(load, BOUNDS)
  const before = reads.read('a')
  const statement = await next()
  table.set('a', 'new')
  const after = reads.read('a')
  statement.letGo()
  ;(await next()).letGo()
  t.equal(await before, 'old', 'the control: what was read before the change')
  t.equal(await after, 'new')
})

t.test('what is too much for one statement goes into the next, oldest first', async (t) => {
  const { load, next, statements } = createTable({ a: '1' })
  const reads = new CoalescedReads(load, { ...BOUNDS, maxKeys: 2 })
  const all = ['a', 'b', 'a', 'c', 'b', 'd'].map((key) => reads.read(key))
  for (let i = 0; i < 2; i += 1) (await next()).letGo()
  await Promise.all(all)
  t.same(statements, [
    ['a', 'b'],
    ['c', 'd'],
  ])
})

t.test('too many are turned away, and there is room again afterwards', async (t) => {
  const { load, next } = createTable({})
  const reads = new CoalescedReads(load, { ...BOUNDS, maxWaiting: 2 })
  const all = [reads.read('a'), reads.read('a')]
  await t.rejects(reads.read('b'), { message: 'overloaded' })
  ;(await next()).letGo()
  t.same(await Promise.all(all), [null, null])
  const again = reads.read('b')
  ;(await next()).letGo()
  t.equal(await again, null)
})

t.test('the deadline holds for each request, at work or waiting', async (t) => {
  const { load, next, statements } = createTable({})
  const reads = new CoalescedReads(load, { ...BOUNDS, timeoutMs: 20 })
  const atWork = reads.read('a')
  const statement = await next()
  await Promise.all([
    t.rejects(reads.read('b'), { message: 'overloaded' }),
    t.rejects(atWork, { message: 'database_unavailable' }),
  ])
  const last = reads.read('c')
  statement.letGo()
  ;(await next()).letGo()
  t.equal(await last, null)
  t.same(statements, [['a'], ['c']], 'what was given up is not read')
})

t.test('very many that are late at once are told in turns, and read no more', async (t) => {
  const { load, next, statements } = createTable({})
  const reads = new CoalescedReads(load, { ...BOUNDS, maxWaiting: 2000, timeoutMs: 500 })
  const failing = t.rejects(reads.read('a'), { message: 'database_unavailable' })
  const statement = await next()
  const late: string[] = []
  let toldInFirstTurn = 0
  const all = Array.from({ length: 1000 }, (_, i) => `b${i}`).map((key) =>
    reads.read(key).catch((error: unknown) => {
      // On a slow machine some are not late yet, and read, when the first ones are.
      if (error !== OVERLOADED) return
      // Runs once all that were told with this one know it, before anything else has its turn.
      if (late.length === 0) process.nextTick(() => (toldInFirstTurn = late.length))
      late.push(key)
      // So the next statement may begin before all of them are told.
      statement.letGo()
    }),
  )
  await failing
  await Promise.all(all)
  t.ok(late.length >= 1000 - BOUNDS.maxKeys, `${late.length} of 1000 were late`)
  t.ok(toldInFirstTurn <= 100, `${toldInFirstTurn} of them were told in the first turn`)
  t.same(
    statements.flat().filter((key) => late.includes(key)),
    [],
  )
})

t.test('what nobody waits for is not read', async (t) => {
  const { load, next, statements } = createTable({})
  const reads = new CoalescedReads(load, BOUNDS)
  const first = reads.read('a')
  const statement = await next()
  const abandoned = reads.read('b', () => true)
  const wanted = reads.read('c')
  const failing = t.rejects(abandoned, { message: 'overloaded' })
  statement.letGo()
  ;(await next()).letGo()
  await Promise.all([first, failing, wanted])
  t.same(statements, [['a'], ['c']])
})

t.test('the fault of one key is its own', async (t) => {
  const cause = Object.assign(new Error(), { code: '22012' })
  const reads = new CoalescedReads<number, number>(async (keys) => {
    if (keys.includes(5)) throw cause
    return new Map(keys.map((key) => [key, key * 10]))
  }, BOUNDS)
  const all = Array.from({ length: 9 }, (_, key) =>
    reads.read(key).catch((error: unknown) => error),
  )
  const [results, fault] = [await Promise.all(all), await all[5]]
  t.same(
    results.filter((_, key) => key !== 5),
    [0, 10, 20, 30, 40, 60, 70, 80],
  )
  t.ok(fault instanceof EngineError)
  t.match(fault, { reason: 'internal_error', cause })
})

t.test('a statement that breaks is tried again, and once only', async (t) => {
  const broken = Object.assign(new Error(), { code: '57P01' })
  let failures = 1
  const reads = new CoalescedReads<string, string>(async () => {
    failures -= 1
    if (failures >= 0) throw broken
    return new Map([['a', '1']])
  }, BOUNDS)
  t.equal(await reads.read('a'), '1')
  failures = 2
  await t.rejects(reads.read('a'), { reason: 'database_unavailable', cause: broken })
  t.equal(await reads.read('a'), '1')
})

t.test('failures of the database have a reason, others come out as they are', async (t) => {
  const reasons = {
    '57014': 'database_unavailable',
    '55P03': 'database_unavailable',
    '22021': 'data_refused',
    '22012': 'internal_error',
  }
  for (const [code, reason] of Object.entries(reasons)) {
    const cause = Object.assign(new Error(), { code })
    const reads = new CoalescedReads(() => Promise.reject(cause), BOUNDS)
    await t.rejects(reads.read('a'), { reason, cause })
  }
  const mistake = new TypeError('a mistake')
  await t.rejects(new CoalescedReads(() => Promise.reject(mistake), BOUNDS).read('a'), mistake)
})

t.test('kinds that share their turns are read one at a time', async (t) => {
  const semaphore = new Semaphore(1)
  let atWork = 0
  const load = async (keys: readonly number[]) => {
    atWork += 1
    t.equal(atWork, 1)
    await delay(1)
    atWork -= 1
    return new Map(keys.map((key) => [key, key]))
  }
  const kinds = Array.from({ length: 4 }, () => new CoalescedReads(load, BOUNDS, semaphore))
  const all = [1, 2, 3].flatMap((key) => kinds.map((kind) => kind.read(key)))
  t.same(await Promise.all(all), [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3])
})
