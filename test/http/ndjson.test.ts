import { Readable } from 'node:stream'
import t from 'tap'
import { Exchange, type Answerer, type ExchangeBounds } from '../../src/http/ndjson/exchange.ts'
import { isBlank, linesOf } from '../../src/http/ndjson/lines.ts'

async function split(text: string, size: number, maxBytes = 8): Promise<(string | null)[]> {
  const bytes = Buffer.from(text)
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  )
  const lines: (string | null)[] = []
  for await (const some of linesOf(Readable.from(pieces), maxBytes)) {
    if (some.length === 0) throw new Error('no line')
    lines.push(...some.map((line) => line?.toString() ?? null))
  }
  return lines
}

t.test('lines are the same wherever the pieces end', async (t) => {
  const cases: readonly [text: string, lines: (string | null)[]][] = [
    ['', []],
    ['\n', ['']],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\r\nb\n\nc', ['a', 'b', '', 'c']],
    ['12345678\r\n123456789\r\n12345678', ['12345678', null, '12345678']],
    ['123456789', [null]],
    [`${'x'.repeat(100)}\nü€\n`, [null, 'ü€']],
    ['\r\n\r\r\n', ['', '\r']],
  ]
  for (const [text, lines] of cases) {
    for (const size of [1, 2, 3, 7, 1000]) {
      t.strictSame(
        await split(text, size),
        lines,
        `${JSON.stringify(text).slice(0, 40)} by ${size}`,
      )
    }
  }
})

t.test('what is blank', async (t) => {
  for (const text of ['', ' ', '\t \r']) t.equal(isBlank(Buffer.from(text)), true)
  for (const text of ['x', ' 0', '\u00a0']) t.equal(isBlank(Buffer.from(text)), false)
  t.equal(isBlank(null), false, 'a line that is too long')
})

const BOUNDS: ExchangeBounds = {
  maxLines: 1000,
  maxUnderWay: 4,
  maxBytesUnderWay: 100,
  lineTimeoutMs: 60_000,
  timePerLineMs: 1000,
  timePerWrongLineMs: 10,
}

/** An exchange whose lines are answered when the test says so. */
function createExchange(lines: readonly string[], bounds: Partial<ExchangeBounds> = {}) {
  const open = new Map<number, () => void>()
  const begun: number[] = []
  const answerer: Answerer = {
    answer: (number) => {
      begun.push(number)
      return new Promise((resolve) => {
        open.set(number, () => {
          resolve(`${number} `)
        })
      })
    },
    tellEnd: (number, why) => `${number} ${String(why)}`,
    tooMany: () => new Error('too many'),
    tooLate: () => new Error('too late'),
  }
  const source = linesOf(Readable.from([Buffer.from(lines.join('\n'))]), 1000)
  const exchange = new Exchange(source, answerer, { ...BOUNDS, ...bounds })
  const turns = async (): Promise<void> => {
    for (let i = 0; i < 20; i += 1) await new Promise(setImmediate)
  }
  return {
    exchange,
    begun,
    turns,
    answer: (...numbers: number[]) => {
      for (const number of numbers) open.get(number)?.()
    },
  }
}

const ten = Array.from({ length: 10 }, (_, i) => `line ${i + 1}`)

t.test('no line is begun without room for its answer', async (t) => {
  const { exchange, begun, turns, answer } = createExchange(ten)
  const answers = exchange.answers()
  const first = answers.next()
  await turns()
  t.strictSame(begun, [1, 2, 3, 4])
  answer(2, 3, 4)
  await turns()
  t.strictSame(begun, [1, 2, 3, 4], 'the first one is still to come')
  answer(1)
  t.strictSame(await first, { done: false, value: '1 2 3 4 ' })
  await turns()
  t.strictSame(begun, [1, 2, 3, 4, 5, 6, 7, 8])
  answer(5, 6, 7, 8)
  await turns()
  t.equal(begun.length, 8, 'nobody has taken these')
  t.strictSame(await answers.next(), { done: false, value: '5 6 7 8 ' })
  await turns()
  answer(9, 10)
  t.strictSame(await answers.next(), { done: false, value: '9 10 ' })
  t.strictSame(await answers.next(), { done: true, value: undefined })
})

t.test('nor without room for its bytes', async (t) => {
  const { exchange, begun, turns } = createExchange(['x'.repeat(60), 'x'.repeat(60), 'x', 'x'])
  void exchange.answers().next()
  await turns()
  t.strictSame(begun, [1, 2])
})

t.test('what is stopped lets the lines under way end, and tells where', async (t) => {
  const { exchange, turns, answer, begun } = createExchange(ten)
  const answers = exchange.answers()
  const first = answers.next()
  await turns()
  exchange.stop(new Error('stopped'))
  exchange.stop(new Error('later'))
  answer(1, 2, 3, 4)
  t.equal((await first).value, '1 2 3 4 ')
  t.equal((await answers.next()).value, '5 Error: stopped')
  t.equal((await answers.next()).done, true)
  t.equal(begun.length, 4)
})

t.test('a source that fails, and a line too many, are the end as well', async (t) => {
  const few = createExchange(ten, { maxLines: 2 })
  const answers = few.exchange.answers()
  const first = answers.next()
  await few.turns()
  few.answer(1, 2)
  t.equal((await first).value, '1 2 ')
  t.equal((await answers.next()).value, '3 Error: too many')

  async function* failing(): AsyncGenerator<readonly Buffer[], undefined> {
    yield [Buffer.from('a')]
    throw new Error('cut')
  }
  const answerer: Answerer = {
    answer: (number) => Promise.resolve(`${number} `),
    tellEnd: (number, why) => `${number} ${String(why)}`,
    tooMany: () => new Error('too many'),
    tooLate: () => new Error('too late'),
  }
  const told: string[] = []
  for await (const text of new Exchange(failing(), answerer, BOUNDS).answers()) told.push(text)
  t.equal(told.join(''), '1 2 Error: cut')
})
