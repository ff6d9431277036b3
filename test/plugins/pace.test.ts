import { setImmediate as nextTurn } from 'node:timers/promises'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import pace from '../../src/plugins/pace.ts'
import { countEach } from '../helpers/race.ts'

const PER_TURN = 32
/** What one credential sends in one go. */
const MANY = 300
const BUSY = 'Bearer many'
const ONE = 'Bearer one'

/** Counts the turns of the event loop, until the test ends. */
function countTurns(t: Test): () => number {
  let turns = 0
  const next = (): void => {
    turns += 1
    waiting = setImmediate(next)
  }
  let waiting = setImmediate(next)
  t.teardown(() => {
    clearImmediate(waiting)
  })
  return () => turns
}

/**
 * An app that knows which requests it has begun, in their order.
 *
 * @param onBegun - called at each, with the number so far
 */
async function createApp(
  t: Test,
  { isPaced = true, onBegun }: { isPaced?: boolean; onBegun?: (count: number) => void } = {},
) {
  const app = Fastify()
  t.teardown(() => app.close())
  if (isPaced) await app.register(pace, { turnOf: ({ headers }) => headers.authorization ?? '' })
  const begun: { readonly path: string; readonly turn: number }[] = []
  const turns = countTurns(t)
  app.addHook('onRequest', ({ url }, _reply, done) => {
    begun.push({ path: url, turn: turns() })
    onBegun?.(begun.length)
    done()
  })
  app.get('/*', () => 'done')
  await app.ready()

  const ask = async (path: string, authorization?: string): Promise<number> => {
    const headers = authorization === undefined ? {} : { authorization }
    return (await app.inject({ url: path, headers })).statusCode
  }
  return {
    ask,
    /** The statuses, once all are answered. */
    askOften: (count: number, path: string, authorization?: string) =>
      Promise.all(Array.from({ length: count }, () => ask(path, authorization))),
    /** How many were begun before the first one for this path. */
    aheadOf: (path: string) => begun.findIndex((request) => request.path === path),
    /** How many were begun in each of the turns that began any. */
    perTurn: () => Object.values(countEach(begun.map(({ turn }) => turn))),
  }
}

t.test('so many requests are begun in a turn, and the others in the next ones', async (t) => {
  const { askOften, perTurn } = await createApp(t)
  t.strictSame(countEach(await askOften(MANY, '/')), { 200: MANY }, 'none is lost')
  t.strictSame(perTurn(), [...Array.from({ length: 9 }, () => PER_TURN), 12])
  await nextTurn()
  await askOften(PER_TURN + 1, '/')
  t.strictSame(perTurn().slice(10), [PER_TURN, 1], 'also when nothing has waited meanwhile')
})

t.test('nor are more where each answer makes its client ask again', async (t) => {
  const { ask, perTurn } = await createApp(t)
  const client = async (): Promise<void> => {
    for (let i = 0; i < 5; i += 1) await ask('/')
  }
  await Promise.all(Array.from({ length: MANY }, client))
  t.equal(Math.max(...perTurn()), PER_TURN)
  const total = perTurn().reduce((sum, count) => sum + count, 0)
  t.equal(total, 5 * MANY)
})

t.test('control: where nothing paces them they are begun together', async (t) => {
  const { askOften, perTurn } = await createApp(t, { isPaced: false })
  await askOften(MANY, '/')
  t.strictSame(perTurn(), [MANY])
})

for (const [what, authorization, ahead] of [
  // Those of its turn, and the one that waited first.
  ['who asks for one thing waits for one of those of another credential', ONE, PER_TURN + 1],
  ['control: with the same credential it would be the last', BUSY, MANY],
] as const) {
  t.test(what, async (t) => {
    const { ask, askOften, aheadOf } = await createApp(t)
    await Promise.all([askOften(MANY, '/many', BUSY), ask('/one', authorization)])
    t.equal(aheadOf('/one'), ahead)
  })
}

t.test('also one that comes while they are being begun', async (t) => {
  const asked: Promise<number>[] = []
  const { ask, askOften, aheadOf } = await createApp(t, {
    // In the fourth turn.
    onBegun: (count) => {
      if (count === 3 * PER_TURN + 1) asked.push(ask('/one', ONE))
    },
  })
  await askOften(MANY, '/many', BUSY)
  await Promise.all(asked)
  t.equal(aheadOf('/one'), 4 * PER_TURN + 1)
})

t.test('those without a credential wait as one', async (t) => {
  const { ask, askOften, aheadOf } = await createApp(t)
  const all = [askOften(MANY, '/many', BUSY), askOften(MANY, '/nobody'), ask('/one', ONE)]
  await Promise.all(all)
  t.equal(aheadOf('/one'), PER_TURN + 2)
})
