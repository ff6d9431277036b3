import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { Lanes, type LaneBounds, type LaneWork } from '../../src/engine/lanes.ts'
import { OWN_WORK, type Group } from '../../src/engine/groups.ts'

/** Lanes whose work the test ends. */
function heldLanes(bounds: LaneBounds) {
  const lanes = new Lanes(bounds)
  const atWork: { readonly name: string; readonly end: () => void }[] = []
  const work = (group: Group, name: string, isReady = () => true): LaneWork => ({
    group,
    isReady,
    start: () =>
      new Promise((resolve) => {
        atWork.push({ name, end: resolve })
      }),
  })
  return {
    lanes,
    work,
    add: (group: Group, name: string) => lanes.add(work(group, name)),
    names: () => atWork.map(({ name }) => name),
    end: async (name: string) => {
      const i = atWork.findIndex((each) => each.name === name)
      atWork.splice(i, 1)[0]?.end()
      await nextTurn()
    },
  }
}

t.test('a group that is alone has all lanes', async (t) => {
  const { add, names } = heldLanes({ lanes: 4, maxWaiting: 10 })
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) add('a', name)
  t.same(names(), ['a1', 'a2', 'a3', 'a4'])
})

t.test('beside another one it has half of them, and groups take turns', async (t) => {
  const { add, names, end } = heldLanes({ lanes: 2, maxWaiting: 20 })
  for (const name of ['a1', 'a2', 'a3', 'a4']) add('a', name)
  add('b', 'b1')
  add('b', 'b2')
  t.same(names(), ['a1', 'a2'], 'what has begun is not taken back')
  await end('a1')
  t.same(names(), ['a2', 'b1'])
  await end('a2')
  t.same(names(), ['b1', 'a3'])
  await end('a3')
  t.same(names(), ['b1', 'a4'], 'b has its half')
  await end('b1')
  t.same(names(), ['a4', 'b2'])
  await end('b2')
  add('a', 'a5')
  t.same(names(), ['a4'], 'a lane is kept for the one that was active a moment ago')
  add('b', 'b3')
  t.same(names(), ['a4', 'b3'])
})

t.test('a full line of one group leaves room for the next', async (t) => {
  const { add, names, end, lanes, work } = heldLanes({ lanes: 1, maxWaiting: 4 })
  const added = ['a1', 'a2', 'a3', 'a4'].map((name) => add('a', name))
  t.same(added, [true, true, true, false], 'one at work, and two of the four places')
  t.same([add('b', 'b1'), add('b', 'b2')], [true, false])
  t.equal(add('c', 'c1'), true, 'and for the next one')
  const taken = work('d', 'd1')
  t.equal(lanes.add(taken), false, 'until there is room again')
  await end('a1')
  t.same(names(), ['a2'], 'the first in line, and b is next')
  await end('a2')
  t.same(names(), ['b1'])
  t.equal(lanes.add(taken), true)
  t.equal(lanes.takeBack(taken), true)
  t.equal(lanes.takeBack(taken), false)
})

t.test('where nobody is told apart all that may wait are one line', async (t) => {
  const { add } = heldLanes({ lanes: 1, maxWaiting: 3 })
  const added = ['1', '2', '3', '4', '5'].map((name) => add(null, name))
  t.same(added, [true, true, true, true, false])
})

t.test(
  'nothing is lost, nobody has more than half, and no lane is idle without need',
  async (t) => {
    const groups = ['a', 'b', 'c']
    const operation = fc.oneof(
      fc.record({ add: fc.constantFrom(...groups) }),
      fc.record({ end: fc.nat(20) }),
    )
    let begun = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { minLength: 10, size: 'max', maxLength: 60 }),
        async (all) => {
          const { add, names, end } = heldLanes({ lanes: 4, maxWaiting: 12 })
          // Two are active from the start, and have ended.
          for (const group of groups) add(group, `${group}0`)
          for (const group of groups) await end(`${group}0`)
          const waiting: string[] = []
          let n = 0
          for (const each of all) {
            if ('add' in each) {
              const name = `${each.add}${(n += 1)}`
              const own = waiting.filter((other) => other[0] === each.add).length
              const isAdded = add(each.add, name)
              if (isAdded !== own < 12 - waiting.length) throw new Error(`${name}: ${isAdded}`)
              if (isAdded) waiting.push(name)
            } else {
              const name = names()[each.end % (names().length || 1)]
              if (name !== undefined) await end(name)
            }
            for (const name of names()) {
              const i = waiting.indexOf(name)
              if (i < 0) continue
              begun += 1
              const earlier = waiting.slice(0, i).find((other) => other[0] === name[0])
              if (earlier !== undefined) throw new Error(`${name} came before ${earlier}`)
              waiting.splice(i, 1)
            }
            const counts = groups.map((group) => names().filter((name) => name[0] === group).length)
            if (counts.some((count) => count > 2))
              throw new Error(`${names().join()} are too many of one`)
            const canBegin = groups.some(
              (group, i) => (counts[i] ?? 0) < 2 && waiting.some((name) => name[0] === group),
            )
            if (names().length < 4 && canBegin) throw new Error(`${waiting.join()} could begin`)
          }
        },
      ),
      { numRuns: 100 },
    )
    t.ok(begun > 500, `${begun} have begun`)
  },
)

t.test('what the service asks for goes first, and takes no share from others', async (t) => {
  const { add, names, end } = heldLanes({ lanes: 2, maxWaiting: 8 })
  for (const name of ['a1', 'a2', 'a3', 'a4']) add('a', name)
  t.equal(add(OWN_WORK, 'own'), true)
  await end('a1')
  t.same(names(), ['a2', 'own'])
  await end('own')
  await end('a2')
  t.same(names(), ['a3', 'a4'], 'a has all lanes as before')
  // Control: another one's work does.
  add('a', 'a5')
  add('b', 'b1')
  await end('a3')
  t.same(names(), ['a4', 'b1'])
})

t.test('it is let in where nobody else is', (t) => {
  const { add } = heldLanes({ lanes: 1, maxWaiting: 2 })
  const isLetIn = ['1', '2', '3', '4'].map((name) => add(null, name))
  t.same(isLetIn, [true, true, true, false])
  t.equal(add(OWN_WORK, 'own'), true)
  t.end()
})
