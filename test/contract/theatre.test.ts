import { readFile } from 'node:fs/promises'
import t from 'tap'
import { createApi, type Api } from '../helpers/api.ts'

// The promise: docs/theatre.md is what a new service answers, request by request, but for times, what is
// drawn at random, and the ids of requests.

const PAGE = new URL('../../docs/theatre.md', import.meta.url)

/** A request of the page, and the answer that stands behind it. */
interface Step {
  readonly command: string
  readonly answer: string
}

function stepsOf(page: string): Step[] {
  const steps = page.matchAll(/^```sh\n(.*?)\n```\n+```\n(.*?)\n```$/gms)
  return [...steps].map(([, command = '', answer = '']) => ({ command, answer }))
}

/** The words of a shell command: what is quoted is one. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

/** The request that `curl` sends. */
function requestOf(command: string) {
  const words = wordsOf(command.replace(/^sleep \d+; /, '').replace(/ \| .*$/, ''))
  const valuesOf = (option: string) =>
    words.flatMap((word, i) => (word === option ? (words[i + 1] ?? '') : []))
  const [payload] = valuesOf('-d')
  const [method = payload === undefined ? 'GET' : 'POST'] = valuesOf('-X')
  const url = words.find((word) => word.startsWith('http://localhost:8000/'))
  const headers = valuesOf('-H').map((line) => line.split(': ') as [string, string])
  return {
    method: method as 'GET',
    url: url?.slice('http://localhost:8000'.length) ?? '',
    headers: Object.fromEntries(headers),
    ...(payload !== undefined && { payload }),
  }
}

type Answer = Awaited<ReturnType<Api['app']['inject']>>

/** An answer as the page has it: the headers that it shows there, in its order. */
function shown(answer: Answer, expected: string): string {
  if (!expected.startsWith('HTTP/')) {
    return [...answer.rawPayload].map((byte) => ` ${byte.toString(16).padStart(2, '0')}`).join('')
  }
  const [head = ''] = expected.split('\n\n')
  const names = head.split('\n').slice(1)
  const lines = names.map((line) => {
    const name = line.slice(0, line.indexOf(':'))
    return `${name}: ${String(answer.headers[name])}`
  })
  const first = `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`
  const body = answer.body.trimEnd().replaceAll('\r\n', '\n')
  return [[first, ...lines].join('\n'), ...(body === '' ? [] : [body])].join('\n\n')
}

/** Gives times and ids of requests one name each, in the order of their places. */
function normal(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'REQUEST')
}

/** Lets holds expire, for which the page sleeps. */
async function expireHolds({ database }: Api): Promise<void> {
  await database.pool.query(`UPDATE bookings SET expires_at = now() WHERE status = 'held'`)
}

t.test('each request of docs/theatre.md is answered as the page says', async (t) => {
  const steps = stepsOf(await readFile(PAGE, 'utf8'))
  t.ok(steps.length > 10, `${steps.length} requests`)
  const api = await createApi(t)
  // `npm start` has made one.
  t.equal(await api.createEvent({ name: 'Sample' }), 1)
  for (const { command, answer: expected } of steps) {
    if (command.startsWith('sleep')) await expireHolds(api)
    const answer = await api.app.inject(requestOf(command))
    t.equal(normal(shown(answer, expected)), normal(expected), command.slice(0, 120))
  }
})
