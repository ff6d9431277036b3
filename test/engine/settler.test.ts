import t, { type Test } from 'tap'
import { Settler } from '../../src/engine/settler.ts'
import { asked, NOBODY } from '../helpers/commands.ts'
import { turn } from '../helpers/commit-stage.ts'

/** A piece of work that the settler has asked for, which the test ends. */
interface Asked {
  readonly eventId: number
  done(): void
  fail(error: Error): void
}

function createStage(t: Test) {
  const pieces: Asked[] = []
  const errors: unknown[] = []
  const settler = new Settler(
    ({ eventId, type, origin }) =>
      new Promise<void>((resolve, reject) => {
        t.same([type, origin], ['settle', NOBODY])
        pieces.push({ eventId, done: resolve, fail: reject })
      }),
    (error) => errors.push(error),
  )
  return {
    settler,
    errors,
    /** What has been asked for since the last call, once all is done that is due. */
    news: async () => {
      await turn()
      return pieces.splice(0)
    },
  }
}

function eventsOf(asked: readonly Asked[]): number[] {
  return asked.map(({ eventId }) => eventId)
}

t.test('it asks for one event once at a time, and once more for all that was found', async (t) => {
  const { settler, news } = createStage(t)
  settler.goOn(asked(1))
  const [first] = await news()
  t.equal(first?.eventId, 1)
  settler.goOn(asked(1))
  settler.goOn(asked(1, 1))
  t.same(await news(), [], 'while it is being settled nothing more is asked for')
  first?.done()
  const [second, ...others] = await news()
  t.same([second?.eventId, others], [1, []])
  second?.done()
  t.same(await news(), [], 'nothing was found meanwhile')
})

t.test('each piece may find more, until one finds nothing', async (t) => {
  const { settler, news } = createStage(t)
  settler.goOn(asked(1))
  for (let pieces = 0; pieces < 5; pieces += 1) {
    const [piece, ...others] = await news()
    t.same([piece?.eventId, others], [1, []])
    settler.goOn(asked(1))
    piece?.done()
  }
  const [last] = await news()
  last?.done()
  t.same(await news(), [])
  settler.goOn(asked(1))
  t.same(eventsOf(await news()), [1], 'it may be asked for anew')
})

t.test('several events are settled side by side', async (t) => {
  const { settler, news } = createStage(t)
  settler.goOn(asked(1, 2, 3))
  const [one, two, three, ...others] = await news()
  t.same([one?.eventId, two?.eventId, three?.eventId, others], [1, 2, 3, []])
  settler.goOn(asked(2, 4))
  t.same(eventsOf(await news()), [4], 'one that is new does not wait for the others')
  two?.done()
  t.same(eventsOf(await news()), [2], 'nor does one that goes on')
  one?.done()
  three?.done()
  t.same(await news(), [])
})

t.test('a failure is told once, and leaves the event to whoever finds it next', async (t) => {
  const { settler, news, errors } = createStage(t)
  settler.goOn(asked(1, 2))
  const [one, two] = await news()
  settler.goOn(asked(1, 2))
  one?.fail(new Error('no database'))
  t.same(await news(), [], 'it is not tried again and again')
  t.same(errors, [new Error('no database')])
  two?.done()
  t.same(eventsOf(await news()), [2], 'others go on')
  settler.goOn(asked(1))
  const [once] = await news()
  t.equal(once?.eventId, 1)
  once?.done()
  t.same(await news(), [], 'what was found before the failure is forgotten')
  t.equal(errors.length, 1)
})

t.test('a failure may go untold', async (t) => {
  let pieces = 0
  const settler = new Settler(() => {
    pieces += 1
    return Promise.reject(new Error('no database'))
  })
  for (const times of [1, 2]) {
    settler.goOn(asked(1))
    await turn()
    t.equal(pieces, times)
  }
})
