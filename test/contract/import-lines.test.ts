import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { linesOf } from '../helpers/import.ts'
import { importerOf, told } from '../helpers/importer.ts'

const MAX_LINES = 100_000
const MAX_LINE_BYTES = 65_536

t.test('what is no line to book', async (t) => {
  const api = await createApi(t)
  const { ask, send } = importerOf(api)
  const eventId = await api.createEvent({ total_seats: 9 })

  await t.test('what is no JSON fails alone, and blank lines count', async (t) => {
    const concert = await api.createEvent({ total_seats: 9 })
    const tooLong = `{"user_id":"u","metadata":{"a":"${'x'.repeat(MAX_LINE_BYTES)}"}}`
    const body = Buffer.concat([
      Buffer.from('\n \t\r\n{"user_id":"a"}\r\n{"user_id":\n[]\n7\n{"user_id":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from(`"}\n{"__proto__":{},"user_id":"a"}\n${tooLong}\n\n{"user_id":"z"}`),
    ])
    t.strictSame((await send(concert, body)).map(told), [
      [3, 201],
      [4, 400, 'malformed_json', 'The line is not valid JSON'],
      [5, 400, 'missing_fields', 'user_id is required'],
      [6, 400, 'missing_fields', 'user_id is required'],
      [7, 400, 'malformed_json', 'The line is not valid JSON'],
      [
        8,
        400,
        'validation_failed',
        'The line must not have a member __proto__, nor a member prototype of a member constructor',
      ],
      [9, 413, 'payload_too_large', `A line must have at most ${MAX_LINE_BYTES} bytes`],
      [11, 201],
    ])
  })

  await t.test('a line may be as long as a body, wherever its pieces end', async (t) => {
    const concert = await api.createEvent({ total_seats: 9 })
    const long = (bytes: number, userId: string): string => {
      const line = `{"user_id":"${userId}"}`
      return line + ' '.repeat(bytes - line.length)
    }
    const body = `${long(MAX_LINE_BYTES, 'a')}\r\n${long(MAX_LINE_BYTES, 'b')}\n${long(MAX_LINE_BYTES + 1, 'c')}`
    const statuses = (await send(concert, body)).map(({ status }) => status)
    t.strictSame(statuses, [201, 201, 413])
  })

  await t.test('no body, no lines', async (t) => {
    const { statusCode, body } = await ask(eventId, '')
    t.strictSame([statusCode, body], [200, ''])
  })

  await t.test('an event that is not there ends it', async (t) => {
    const answers = await send(
      1e9,
      linesOf(...Array.from({ length: 5000 }, () => ({ user_id: 'a' }))),
    )
    const missing = { status: 404, error: { code: 'event_not_found' } }
    t.match(answers[0], { ...missing, line: 1, stopped: undefined })
    t.match(answers.at(-1), { ...missing, line: answers.length, stopped: true })
    t.ok(answers.length < 1000, `${answers.length} answers`)
  })

  await t.test('one line too many ends it', async (t) => {
    const [answer, ...more] = await send(eventId, '\n'.repeat(MAX_LINES + 5))
    t.match(answer, {
      line: MAX_LINES + 1,
      status: 413,
      error: {
        code: 'payload_too_large',
        detail: `An import must have at most ${MAX_LINES} lines`,
      },
      stopped: true,
    })
    t.strictSame(more, [])
    t.strictSame(await send(eventId, '\n'.repeat(MAX_LINES)), [], 'so many may be')
  })
})
