import t from 'tap'
import addFormats from 'ajv-formats'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { createTestApp } from '../helpers/app.ts'

interface Media {
  readonly example?: unknown
  readonly examples?: Readonly<
    Record<string, { readonly value: Readonly<Record<string, unknown>> }>
  >
}
type Bodies = Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>
interface Operation {
  readonly requestBody?: Bodies[string]
  readonly responses: Bodies
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly examples?: readonly object[] }>>
  }
}

t.test('examples of the OpenAPI document', async (t) => {
  const app = await createTestApp(t)
  const document = (await app.inject('/documentation/json')).json<Document>()
  const ajv = new Ajv2020({ strict: false })
  addFormats.default(ajv)
  ajv.addSchema(document, 'document')
  const pointer = (parts: readonly string[]) =>
    parts
      .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/')
  const isRight = (parts: readonly string[], value: unknown): string | null => {
    const validate = ajv.compile({ $ref: `document#/${pointer(parts)}` })
    return validate(value) ? null : `${parts.join(' ')}: ${ajv.errorsText(validate.errors)}`
  }

  await t.test('are by their schemas', async (t) => {
    let count = 0
    const check = (parts: readonly string[], value: unknown): void => {
      count += 1
      t.equal(isRight(parts, value), null, parts.join(' '))
    }
    for (const [path, methods] of Object.entries(document.paths))
      for (const [method, { responses }] of Object.entries(methods))
        for (const [status, { content = {} }] of Object.entries(responses))
          for (const [type, { example, examples = {} }] of Object.entries(content)) {
            const parts = [
              ...['paths', path, method, 'responses', status],
              ...['content', type, 'schema'],
            ]
            if (example !== undefined) check(parts, example)
            for (const { value } of Object.values(examples)) check(parts, value)
          }
    for (const [name, { examples = [] }] of Object.entries(document.components.schemas))
      for (const example of examples) check(['components', 'schemas', name], example)
    t.ok(count > 100, `${count} examples`)
    t.ok(isRight(['components', 'schemas', 'ReserveInput'], { event_id: 'x' }), 'the control')
  })

  await t.test(
    'show several lines, of seats with labels too, and what comes of them',
    async (t) => {
      const { ReserveInput } = document.components.schemas
      const lines = [
        { ticket_type: 'adult', seats: 2 },
        { ticket_type: 'child', seats: 1, labels: ['A-1-1'] },
      ]
      t.strictSame(
        ReserveInput?.examples?.map((example) => ('lines' in example ? example.lines : undefined)),
        [undefined, lines],
      )
      const { requestBody, responses = {} } =
        document.paths['/api/bookings/reserve']?.['post'] ?? {}
      const asked = Object.values(requestBody?.content?.['application/json']?.examples ?? {})
      t.strictSame(asked.at(-1)?.value['lines'], lines, 'of the request, too')
      const made = responses['201']?.content?.['application/json']?.examples?.['lines']?.value
      t.match(made, { booking: { seats: 3, lines: [{ ...lines[0], labels: [] }, lines[1]] } })
    },
  )

  await t.test('show what a refusal turns on, in problem details', async (t) => {
    const { responses = {} } = document.paths['/api/bookings/reserve']?.['post'] ?? {}
    const examplesOf = (type: string) => ({
      ...responses['400']?.content?.[type]?.examples,
      ...responses['409']?.content?.[type]?.examples,
    })
    const problems = examplesOf('application/problem+json')
    const errors = examplesOf('application/json')
    const details = {
      unknown_ticket_type: { line: 1, key: 'vip' },
      labels_invalid: { line: 1, labels: ['A-9-9'] },
      sold_out: { pool: 'stalls', available: 1, waiting_before: 0 },
      seats_taken: { line: 1, labels_taken: ['A-1-1'] },
    }
    for (const [code, members] of Object.entries(details)) {
      const problem = problems[code]?.value
      t.match(problem, { code, ...members })
      t.strictSame(errors[code]?.value, { error: problem?.['detail'] })
    }
  })
})
