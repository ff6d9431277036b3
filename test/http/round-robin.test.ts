import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { RoundRobin } from '../../src/http/round-robin.ts'

/** What waits, given as names; the work is its name, and its number of all that the name has. */
function waitingOf(names: Iterable<string>) {
  const waiting = new RoundRobin<string>()
  const counts = new Map<string, number>()
  const add = (name: string): void => {
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    waiting.add(name, `${name}${count}`)
  }
  for (const name of names) add(name)
  return { add, take: (max: number) => waiting.take(max) }
}

t.test('the work of one name comes in its order of arrival', async (t) => {
  t.strictSame(waitingOf('aaa').take(9), ['a1', 'a2', 'a3'])
})

t.test('names take turns, in the order in which they came', async (t) => {
  t.strictSame(waitingOf('baaab').take(9), ['b1', 'a1', 'b2', 'a2', 'a3'])
})

t.test('so many are taken and no more, and the turns go on where they were', async (t) => {
  const { take } = waitingOf('aaabbbc')
  t.strictSame(take(0), [])
  t.strictSame(take(1), ['a1'])
  t.strictSame(take(3), ['b1', 'c1', 'a2'])
  t.strictSame(take(9), ['b2', 'a3', 'b3'])
  t.strictSame(take(9), [])
})

t.test('a name that comes again goes behind those that wait', async (t) => {
  const { add, take } = waitingOf('aabb')
  t.strictSame(take(2), ['a1', 'b1'])
  add('c')
  t.strictSame(take(2), ['a2', 'b2'], 'while work of its own waits it has kept its place')
  add('a')
  t.strictSame(take(2), ['c1', 'a3'])
})

t.test('a name of one behind one of very many waits for one of them', async (t) => {
  t.strictSame(waitingOf(`${'a'.repeat(1000)}b`).take(2), ['a1', 'b1'])
})

/** Adds a name, or takes as many as the number says. */
type Step = string | number

/** Takes as the class does, from a list in order of arrival: the slow way, which is plainly right. */
function checkTurns(steps: readonly Step[]): void {
  const { add, take } = waitingOf([])
  const added: Record<string, number> = {}
  const taken: Record<string, number> = {}
  const left = (name: string): number => (added[name] ?? 0) - (taken[name] ?? 0)
  let order: string[] = []
  for (const step of steps) {
    if (typeof step === 'string') {
      add(step)
      if (left(step) === 0) order.push(step)
      added[step] = (added[step] ?? 0) + 1
      continue
    }
    const expected: string[] = []
    for (let name = order[0]; name !== undefined && expected.length < step; name = order[0]) {
      taken[name] = (taken[name] ?? 0) + 1
      expected.push(`${name}${taken[name]}`)
      order = left(name) > 0 ? [...order.slice(1), name] : order.slice(1)
    }
    deepStrictEqual(take(step), expected)
  }
}

t.test('nothing is lost or taken twice, whatever comes and goes', async () => {
  const step = fc.oneof(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat({ max: 5 }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      checkTurns([...steps, 1000, 1])
    }),
  )
})
