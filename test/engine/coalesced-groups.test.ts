import fc from 'fast-check'
import t from 'tap'
import { CoalescedReads } from '../../src/engine/coalesced-reads.ts'
import { Gathered } from '../../src/engine/gathered.ts'
import type { Waiter } from '../../src/engine/waiters.ts'

const BOUNDS = { maxKeys: 100, maxWaiting: 100, timeoutMs: 10_000 }
const here = (): boolean => false

/** Reads whose statements the test lets go, one after the other. */
function heldReads(bounds: Partial<typeof BOUNDS> = {}) {
  const statements: string[][] = []
  const held: (() => void)[] = []
  let wake: () => void = () => undefined
  const reads = new CoalescedReads<string, string>(
    (keys) => {
      statements.push([...keys])
      wake()
      return new Promise((resolve) => {
        held.push(() => {
          resolve(new Map(keys.map((key) => [key, key])))
        })
      })
    },
    { ...BOUNDS, ...bounds },
  )
  return {
    statements,
    read: (group: string | null, key: string) => reads.read(key, here, group),
    letGo: async () => {
      while (held.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      held.shift()?.()
    },
  }
}

t.test('the many keys of one group delay no other one by a statement', async (t) => {
  const { statements, read, letGo } = heldReads({ maxWaiting: 10_000 })
  const storm = Array.from({ length: 1000 }, (_, i) => read('a', `a${i}`))
  const quiet = read('b', 'b')
  await letGo()
  t.equal(await quiet, 'b')
  t.equal(statements.length <= 2, true)
  t.equal(statements[0]?.length, 100)
  t.ok(statements[0]?.includes('b'), 'it is in the first one')
  for (let i = 0; i < 10; i += 1) await letGo()
  await Promise.all(storm)
  const ofStorm = statements.flat().filter((key) => key !== 'b')
  t.same(
    ofStorm,
    Array.from({ length: 1000 }, (_, i) => `a${i}`),
    'in order of arrival',
  )
})

t.test('a crowd that wants the same is told after those who are few', async (t) => {
  const { read, letGo } = heldReads({ maxWaiting: 10_000 })
  let told = 0
  const crowd = Array.from({ length: 1000 }, () => read('a', 'hot').then(() => (told += 1)))
  const quiet = read('b', 'cold')
  await letGo()
  await quiet
  t.ok(told < 100, `${told} of the crowd were told before`)
  await Promise.all(crowd)
})

t.test('of those without an answer a group may have as many as there is room beside', async (t) => {
  const { read, letGo } = heldReads({ maxWaiting: 4 })
  const all = [read('a', '1'), read('a', '2')]
  await t.rejects(read('a', '3'), { message: 'overloaded' })
  all.push(read('b', '1'))
  await t.rejects(read('b', '2'), { message: 'overloaded' })
  await letGo()
  t.same(await Promise.all(all), ['1', '2', '1'])
  const again = read('b', '2')
  await letGo()
  t.equal(await again, '2', 'there is room again')
})

t.test('what is gathered is what groups by turns would take', (t) => {
  const request = fc.record({ group: fc.constantFrom('a', 'b', 'c'), key: fc.nat(60) })
  fc.assert(
    fc.property(
      fc.array(request, { maxLength: 300, size: 'max' }),
      fc.integer({ min: 1, max: 50 }),
      (requests, maxKeys) => {
        const gathered = new Gathered<string, string>()
        const waiting = requests.map(({ group, key }) => ({ group, key: `${group} ${key}` }))
        for (const { group, key } of waiting) gathered.add(key, waiter(group))
        const queues = new Map<string, string[]>()
        for (const { group, key } of waiting) {
          const queue = queues.get(group) ?? []
          queues.set(group, queue)
          if (!queue.includes(key)) queue.push(key)
        }
        let order = [...queues.keys()]
        while (!gathered.isEmpty) {
          const expected: string[] = []
          while (expected.length < maxKeys && order.length > 0) {
            const [group = '', ...others] = order
            const queue = queues.get(group) ?? []
            expected.push(...queue.splice(0, Math.min(16, maxKeys - expected.length)))
            order = queue.length > 0 ? [...others, group] : others
          }
          const taken = gathered.take(maxKeys, () => true)
          if ([...taken.keys()].join() !== expected.join()) throw new Error('other keys, or order')
          for (const [key, waiters] of taken) {
            const asked = waiting.filter((each) => each.key === key).length
            if (waiters.length !== asked) throw new Error(`${waiters.length} of ${asked}`)
          }
        }
        if (order.length > 0) throw new Error('something is left')
      },
    ),
  )
  t.end()
})

function waiter(group: string): Waiter<string> {
  const nobody = (): void => undefined
  return {
    group,
    isAbandoned: here,
    arrivedAt: 0,
    resolve: nobody,
    reject: nobody,
    isSettled: false,
  }
}
