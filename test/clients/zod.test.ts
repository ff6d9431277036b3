import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { installPackages } from './packages.ts'
import { folderWith, runTool } from './served.ts'

interface Media {
  example?: unknown
  examples?: Record<string, { value: unknown }>
}
interface Content {
  content?: Record<string, Media>
}
interface Operation {
  operationId: string
  requestBody?: Content
  responses: Record<string, Content>
}
interface Document {
  paths: Record<string, Record<string, Operation>>
}
/** What we need of a validator of zod. */
interface Validator {
  safeParse(value: unknown): { success: boolean; error?: { message: string } }
}
type Validators = Partial<Record<string, Validator>>

const JSON_TYPE = 'application/json'
const ENVELOPES = [JSON_TYPE, 'application/problem+json']

const skip = await installPackages()

t.test(
  'validators that orval makes for zod accept every documented example',
  { skip },
  async (t) => {
    const app = await createTestApp(t)
    const { body } = await app.inject('/documentation/json')
    // orval looks at one media type only, so each envelope stands under that once.
    for (const envelope of ENVELOPES) {
      await t.test(envelope, async (t) => {
        const document: Document = JSON.parse(body)
        const responses = operationsOf(document).flatMap(({ responses }) =>
          Object.values(responses),
        )
        for (const response of responses) showOnly(envelope, response)
        const validators = await validatorsOf(t, JSON.stringify(document))
        let count = 0
        for (const [name, example] of operationsOf(document).flatMap(examplesOf)) {
          const result = validators[name]?.safeParse(example)
          t.ok(
            result?.success,
            `${name} ${JSON.stringify(example)} ${result?.error?.message ?? ''}`,
          )
          count += 1
        }
        t.ok(count > 100, `${count} examples`)
      })
    }

    await t.test('and refuse what the service refuses', async (t) => {
      const { reserveSeatBody } = await validatorsOf(t, body)
      const good = { event_id: 1, user_id: 'user123' }
      t.ok(reserveSeatBody?.safeParse({ ...good, seats: null, hold: true }).success)
      for (const bad of [{}, { ...good, user_id: '' }, { ...good, user_id: 'a\n' }]) {
        t.notOk(reserveSeatBody?.safeParse(bad).success)
      }
      t.notOk(reserveSeatBody?.safeParse({ ...good, seats: 0 }).success)
    })
  },
)

function operationsOf({ paths }: Document): Operation[] {
  return Object.values(paths).flatMap((path) => Object.values(path))
}

/** Puts what a response has under the media type, if any, where orval looks. */
function showOnly(mediaType: string, response: Content): void {
  const media = response.content?.[mediaType]
  if (media !== undefined) response.content = { [JSON_TYPE]: media }
}

/** All examples of an operation, each with the name of its validator. */
function examplesOf({ operationId, requestBody, responses }: Operation): [string, unknown][] {
  const bodies: [string, Content | undefined][] = Object.entries(responses).map(
    ([status, response]) => [`${operationId}${status}Response`, response],
  )
  bodies.push([`${operationId}Body`, requestBody])
  return bodies.flatMap(([name, body]) => {
    const { example, examples = {} } = body?.content?.[JSON_TYPE] ?? {}
    const values = Object.values(examples).map(({ value }) => value)
    if (example !== undefined) values.push(example)
    return values.map((value): [string, unknown] => [name, value])
  })
}

async function validatorsOf(t: Test, document: string): Promise<Validators> {
  const folder = await folderWith(t, document)
  const parts = { param: true, query: true, header: true, body: true, response: true }
  const config = {
    api: {
      input: 'openapi.json',
      output: {
        client: 'zod',
        target: 'zod.ts',
        override: { zod: { generate: parts, generateEachHttpStatus: true } },
      },
    },
  }
  await writeFile(join(folder, 'orval.config.cjs'), `module.exports = ${JSON.stringify(config)}`)
  const { failed, output } = await runTool(folder, 'orval', '--config', 'orval.config.cjs')
  t.notOk(failed, output)
  return (await import(pathToFileURL(join(folder, 'zod.ts')).href)) as Validators
}
