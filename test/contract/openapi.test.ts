import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { createTestApp } from '../helpers/app.ts'

interface Operation {
  operationId?: string
  description?: string
  requestBody?: { content: Record<string, { example?: unknown; examples?: unknown }> }
  responses: Record<string, { description: string; content?: Record<string, object> }>
}
interface Document {
  openapi: string
  paths: Record<string, Record<string, Operation>>
}

const FOREIGN = /(?:src|href|url)\s*[=(:]\s*["']?(?:https?:)?\/\//i

t.test('the OpenAPI document', async (t) => {
  const app = await createTestApp(t)
  const document = (await app.inject('/documentation/json')).json<Document>()

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
        for (const media of Object.values(body.content ?? {})) {
          t.ok('example' in media || 'examples' in media, operation.operationId ?? '')
        }
      }
    }
  })

  await t.test('has every status of the reserve route, errors in both envelopes', async (t) => {
    const responses = document.paths['/api/bookings/reserve']?.['post']?.responses ?? {}
    const statuses = ['201', '202', '400', '404', '409', '413', '415', '422', '500', '503']
    t.strictSame(Object.keys(responses), statuses)
    for (const status of statuses.slice(2)) {
      const types = Object.keys(responses[status]?.content ?? {})
      t.strictSame(types, ['application/json', 'application/problem+json'])
    }
  })
})

t.test('Swagger UI asks no other host', async (t) => {
  const app = await createTestApp(t)
  for (const url of ['/documentation', '/documentation/']) {
    const page = await app.inject(url)
    t.equal(page.statusCode, 200)
    t.notMatch(page.body, FOREIGN)
    const policy = String(page.headers['content-security-policy'])
    t.match(policy, /default-src 'none'/)
    t.notMatch(policy, /https?:/)
    const assets = [...page.body.matchAll(/(?:src|href)="\.?([^"]+)"/g)].map(
      (match) => match[1] ?? '',
    )
    t.ok(assets.length >= 5)
    for (const asset of assets) {
      const path = asset.startsWith('/documentation') ? asset : `/documentation${asset}`
      t.equal((await app.inject(path)).statusCode, 200, path)
    }
  }
  const script = await app.inject('/documentation/static/swagger-initializer.js')
  t.match(script.body, /validatorUrl"?: ?null/)
  t.notMatch(script.body, FOREIGN)
})
