import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import t, { type Test } from 'tap'
import { linesOf } from '../../src/http/ndjson/lines.ts'
import { TimedLines, type Patience } from '../../src/http/ndjson/timed-lines.ts'
import { UnderWay } from '../../src/http/ndjson/under-way.ts'
import { whileRead } from '../../src/http/ndjson/unread.ts'

t.test('an answer counts for its own bytes, where these are more', async (t) => {
  const underWay = new UnderWay()
  let firsts = 0
  let answer: (text: string) => void = () => undefined
  const onFirst = (): void => {
    firsts += 1
  }
  underWay.add(10, new Promise((resolve) => (answer = resolve)), onFirst)
  underWay.add(10, Promise.resolve('ü'.repeat(50)), onFirst)
  underWay.add(10, Promise.resolve('c'), onFirst)
  await Promise.resolve()
  t.strictSame([underWay.length, underWay.bytes, firsts], [3, 120, 0])
  t.equal(underWay.take(1000), '', 'the first one is still to come')
  answer('a')
  await new Promise(setImmediate)
  t.equal(firsts, 1)
  t.equal(underWay.take(20), `a${'ü'.repeat(50)}`, 'no more at once than there is to be')
  t.strictSame([underWay.length, underWay.bytes], [1, 10])
  t.equal(underWay.take(20), 'c')
  t.strictSame([underWay.length, underWay.bytes], [0, 0])
})

t.test('a line in a chunk does not keep the chunk', async (t) => {
  const chunk = Buffer.from('a\nb\n')
  for await (const lines of linesOf(toChunks(chunk), 10)) {
    t.strictSame(lines.map(String), ['a', 'b'])
    chunk.fill('x')
    t.strictSame(lines.map(String), ['a', 'b'], 'it is a copy')
  }
})

async function* toChunks(chunk: Buffer): AsyncGenerator<Buffer> {
  await Promise.resolve()
  yield chunk
}

t.test('only a line gives further time', async (t) => {
  const patience = { lineTimeoutMs: 300, timePerLineMs: 1000, timePerWrongLineMs: 0 }
  const taken = await takenInTime(t, patience, () => false)
  t.ok(taken > 1, `${taken} blank lines came in time`)
})

t.test('and each line no more than its own', async (t) => {
  const patience = { lineTimeoutMs: 300, timePerLineMs: 1, timePerWrongLineMs: 0 }
  const taken = await takenInTime(t, patience, () => true)
  t.ok(taken > 1, `${taken} lines came in time`)
  const isEarly = (count: number): boolean => count <= 2 * taken
  const more = await takenInTime(t, { ...patience, timePerLineMs: 1000 }, isEarly)
  t.ok(more > 2 * taken, `${more} came in time where that was much`)
})

/** Of what comes each 20 ms: many times what comes in time. */
const ENDLESS = 400

/**
 * Has something come each 20 ms, until it is too late.
 *
 * @param isLine - of that which comes, by its number, whether it is a line
 * @returns how many came until then
 */
async function takenInTime(
  t: Pick<Test, 'rejects'>,
  patience: Patience,
  isLine: (count: number) => boolean,
): Promise<number> {
  const stream = new PassThrough()
  const stopping = new AbortController()
  const lines = new TimedLines(linesOf(stream, 100), patience, () => {
    stopping.abort(new Error('too late'))
  })
  const coming = setInterval(() => stream.write('\n'), 20)
  let taken = 0
  const reading = (async () => {
    for (;;) {
      await lines.next(stopping.signal)
      if (isLine((taken += 1))) lines.giveTime(true)
      if (taken === ENDLESS) stopping.abort(new Error('never too late'))
    }
  })()
  await t.rejects(reading, { message: 'too late' })
  clearInterval(coming)
  return taken
}

t.test('whose reader takes nothing for too long is told of', async (t) => {
  async function* texts(): AsyncGenerator<string> {
    await Promise.resolve()
    yield 'a'
    yield 'b'
  }
  const unread = new PassThrough()
  const { texts: passed, onRead } = whileRead(texts(), 50, () => unread.emit('unread'))
  t.equal((await passed.next()).value, 'a')
  await once(unread, 'unread')
  t.equal((await passed.next()).value, 'b')
  t.equal((await passed.next()).done, true)
  await once(unread, 'unread')
  t.pass('also of what was not taken at the end')

  const { texts: taken, onRead: onTaken } = whileRead(texts(), 50, () => {
    t.fail('it was read')
  })
  for await (const text of taken) t.ok(text)
  onTaken()
  // Of timers as long as each other, the one that was set first is due first.
  const later = new PassThrough()
  const last = whileRead(texts(), 50, () => later.emit('unread'))
  await last.texts.next()
  await once(later, 'unread')
  onRead()
  last.onRead()
})
