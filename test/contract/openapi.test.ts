import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { projectDir } from '../helpers/run-state.ts'

interface Operation {
  security?: unknown[]
  operationId?: string
  description?: string
  parameters?: { name: string; in: string; description?: string; example?: unknown }[]
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, Answer>
}
interface Answer {
  description: string
  headers?: Record<string, object>
  content?: Record<string, Media>
}
interface Media {
  example?: unknown
  examples?: Record<string, object>
}
interface Document {
  openapi: string
  info: { version: string }
  servers: { url: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}
interface Schema {
  description?: string
  required?: string[]
  properties?: Record<string, { description?: string; type?: string | string[]; $ref?: string }>
}

t.test('the OpenAPI document', async (t) => {
  const app = await createTestApp(t)
  const document = (await app.inject('/documentation/json')).json<Document>()

  await t.test('is of the version of the package', async (t) => {
    const { version } = JSON.parse(await readFile(join(projectDir, 'package.json'), 'utf8'))
    t.equal(document.info.version, version)
  })

  await t.test('is OpenAPI 3.1 that a validator accepts', async (t) => {
    t.match(document.openapi, /^3\.1\./)
    const result = await new Validator().validate({ ...document })
    t.ok(result.valid, JSON.stringify(result))
  })

  await t.test('is the same as YAML', async (t) => {
    const response = await app.inject('/documentation/yaml')
    t.match(response.body, /^openapi: 3\.1\.0\n/)
    const result = await new Validator().validate(response.body)
    t.ok(result.valid, JSON.stringify(result))
  })

  await t.test('describes every operation, with an example of every body', async (t) => {
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path))
    t.ok(operations.length >= 19)
    for (const operation of operations) {
      t.ok(operation.operationId)
      t.ok(operation.description, operation.operationId ?? '')
      const responses = Object.values(operation.responses)
      const bodies = [operation.requestBody, ...responses].filter((body) => body !== undefined)
      for (const body of bodies) {
        for (const [type, media] of Object.entries(body.content ?? {})) {
          // Bytes are none that JSON could show.
          if (type === 'application/octet-stream') continue
          t.ok('example' in media || 'examples' in media, operation.operationId ?? '')
        }
      }
    }
  })

  await t.test('has every status of the reserve route, errors in both envelopes', async (t) => {
    const responses = document.paths['/api/bookings/reserve']?.['post']?.responses ?? {}
    const statuses = [
      '201',
      '202',
      '400',
      '401',
      '403',
      '404',
      '409',
      '413',
      '415',
      '422',
      '429',
      '500',
      '503',
    ]
    t.strictSame(Object.keys(responses), statuses)
    for (const status of statuses.slice(2)) {
      const types = Object.keys(responses[status]?.content ?? {})
      t.strictSame(types, ['application/json', 'application/problem+json'])
    }
  })

  await t.test('says of all that asks for a scope how others are turned away', async (t) => {
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path))
    const secured = operations.filter(({ security }) => security !== undefined)
    t.ok(secured.length >= 19)
    const told = (answer?: Answer) => ({
      codes: Object.keys(answer?.content?.['application/problem+json']?.examples ?? {}),
      headers: Object.keys(answer?.headers ?? {}),
    })
    for (const { operationId = '', responses } of secured) {
      const [is401, is403, is429, is503] = ['401', '403', '429', '503'].map((status) =>
        told(responses[status]),
      )
      const challenge = ['WWW-Authenticate']
      t.strictSame(is401, { codes: ['unauthorized', 'invalid_token'], headers: challenge })
      t.ok(is403?.codes.includes('insufficient_scope'), operationId)
      t.strictSame(is403?.headers, challenge, operationId)
      t.strictSame(is429, { codes: ['rate_limited'], headers: ['Retry-After'] }, operationId)
      t.ok(is503?.codes.includes('token_keys_unavailable'), operationId)
      t.ok(is503?.codes.includes('overloaded'), 'beside its own')
      t.strictSame(is503?.headers, ['Retry-After'], operationId)
    }
  })

  await t.test('names every resource, and refers to it by name', async (t) => {
    const names = Object.keys(document.components.schemas)
    const wanted = ['Event', 'EventInput', 'EventPatch', 'EventPage', 'Booking', 'BookingPage']
    wanted.push(
      'ReserveInput',
      'Reserved',
      'Queued',
      'BookingPatch',
      'ConfirmInput',
      'WaitlistEntry',
      'WaitlistPage',
    )
    wanted.push('HistoryEntry', 'HistoryPage', 'Error', 'Problem')
    wanted.push('Pool', 'TicketType', 'Line', 'Seating', 'Seat', 'SeatPage', 'LabelsInput')
    wanted.push('ApiKey', 'ApiKeyInput', 'IssuedApiKey', 'ApiKeyPage')
    wanted.push('ImportLine', 'ImportAnswer')
    t.strictSame(names.sort(), wanted.sort())
    for (const path of Object.keys(document.paths).filter((url) => url.startsWith('/api/'))) {
      for (const operation of Object.values(document.paths[path] ?? {})) {
        const bodies = [operation.requestBody, ...Object.values(operation.responses)]
        const media = bodies.flatMap<[string, object]>((body) =>
          Object.entries(body?.content ?? {}),
        )
        for (const [type, each] of media.filter(([type]) => type.endsWith('json'))) {
          const named = { $ref: /^#\/components\/schemas\/\w+$/ }
          const schema = type.endsWith('ndjson') ? { type: 'string', contentSchema: named } : named
          t.match(each, { schema }, path)
        }
      }
    }
  })

  await t.test('describes every member and every parameter', async (t) => {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      t.ok(schema.description, name)
      for (const [member, { description, $ref }] of Object.entries(schema.properties ?? {})) {
        t.ok(description ?? $ref, `${name}.${member}`)
      }
    }
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const parameter of Object.values(methods).flatMap(({ parameters = [] }) => parameters)) {
        t.ok(parameter.description, parameter.name)
        // The id that the first event, booking and waitlist entry of a new database have.
        const example = path.startsWith('/api/keys/') ? /^[a-z0-9]{16}$/ : 1
        if (parameter.in === 'path') t.match(parameter.example, example)
      }
    }
  })

  await t.test('says of each optional member of a body that it may be null', async (t) => {
    for (const name of [
      'EventInput',
      'EventPatch',
      'ReserveInput',
      'BookingPatch',
      'ApiKeyInput',
    ]) {
      const { properties = {}, required = [] } = document.components.schemas[name] ?? {}
      for (const [member, { type }] of Object.entries(properties)) {
        t.equal([type].flat().includes('null'), !required.includes(member), `${name}.${member}`)
      }
    }
  })
})

t.test('patterns mean the same with the flag u and without it', async (t) => {
  const app = await createTestApp(t)
  const { body } = await app.inject('/documentation/json')
  const patterns = new Set(body.match(/(?<="pattern":)"(?:[^"\\]|\\.)*"/g))
  t.ok(patterns.size >= 2)
  const samples = [
    '',
    'user123',
    'Concert',
    'Jürgen',
    '東京',
    '😀',
    'a b',
    'p{Cc}',
    'Cs',
    '\\',
    '^',
  ]
  for (let unit = 0; unit < 0x300; unit += 1) samples.push(String.fromCharCode(unit))
  samples.push('a\nb', 'a\n', '\u2028', '\ud800', '\udfff', '\ud83d\ude00x', 'x'.repeat(256))
  for (const written of patterns) {
    const pattern = String(JSON.parse(written))
    t.notMatch(pattern, /\\[pP]/)
    const [plain, unicode] = [new RegExp(pattern), new RegExp(pattern, 'u')]
    const differing = samples.filter((sample) => plain.test(sample) !== unicode.test(sample))
    t.strictSame(differing, [], pattern)
    t.ok(plain.test('user123'))
    t.notOk(plain.test('a\0'))
  }
})
