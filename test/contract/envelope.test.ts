import t from 'tap'
import type { InjectOptions } from 'fastify'
import { createTestApp } from '../helpers/app.ts'

const RESERVE = '/api/bookings/reserve'
const JSON_TYPE = { 'content-type': 'application/json' }
const PROBLEM = { accept: 'application/problem+json' }

t.test('errors of HTTP itself', async (t) => {
  const app = await createTestApp(t)

  async function answers(options: InjectOptions, status: number, text: string) {
    const response = await app.inject(options)
    t.equal(response.statusCode, status, JSON.stringify(options))
    t.strictSame(response.json(), { error: text })
    t.equal(response.headers.vary, 'accept')
    t.ok(response.headers['x-request-id'])
    t.equal(response.headers['x-content-type-options'], 'nosniff')
    return response
  }

  await t.test('404 for an unknown route, whatever its body', async () => {
    await answers({ url: '/nowhere?x=1' }, 404, 'Not found')
    await answers({ url: '/api/booking' }, 404, 'Not found')
    await answers({ url: '/API/BOOKINGS/RESERVE', method: 'POST' }, 404, 'Not found')
    const body = { method: 'POST', url: '/nowhere', payload: '{', headers: JSON_TYPE } as const
    await answers(body, 404, 'Not found')
  })

  await t.test('405 with Allow for a known path, whatever its body', async (t) => {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
      const url = `${RESERVE}?x=1`
      const { headers } = await answers({ method, url }, 405, 'Method not allowed')
      t.equal(headers.allow, 'POST')
    }
    const bad = { method: 'PUT', url: RESERVE, payload: '{', headers: JSON_TYPE } as const
    await answers(bad, 405, 'Method not allowed')
    const { headers } = await answers({ method: 'POST', url: '/' }, 405, 'Method not allowed')
    t.equal(headers.allow, 'GET, HEAD')
  })

  await t.test('405 to HEAD has no body', async (t) => {
    const response = await app.inject({ method: 'HEAD', url: RESERVE })
    t.equal(response.statusCode, 405)
    t.equal(response.headers.allow, 'POST')
    t.equal(response.body, '')
  })

  await t.test('405 knows parametric and wildcard routes', async (t) => {
    const url = '/documentation/static/index.css'
    const { headers } = await answers({ method: 'DELETE', url }, 405, 'Method not allowed')
    t.equal(headers.allow, 'GET, HEAD')
    await answers({ url: '/documentation/static/nothing.js' }, 404, 'Not found')
  })

  await t.test('400 for a body that is not JSON', async () => {
    for (const payload of ['{', '{"event_id":1,}', 'event_id=1', '{"__proto__":{}']) {
      const options = { method: 'POST', url: RESERVE, headers: JSON_TYPE, payload } as const
      await answers(options, 400, 'The body is not valid JSON')
    }
  })

  await t.test('400 for a URL that cannot be decoded', async () => {
    await answers({ url: '/%zz' }, 400, 'Bad request')
  })

  await t.test('413 for a body over the limit', async () => {
    const payload = { event_id: 1, user_id: 'x'.repeat(70_000) }
    await answers({ method: 'POST', url: RESERVE, payload }, 413, 'The body is too large')
  })

  await t.test('415 for a body that says it is something else', async () => {
    const text = 'The body must be JSON, sent as Content-Type: application/json'
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/xml',
      ';',
    ]) {
      const headers = { 'content-type': type }
      const payload = '{"event_id":1,"user_id":"ann"}'
      await answers({ method: 'POST', url: RESERVE, headers, payload }, 415, text)
    }
  })

  await t.test('an empty body is none, whatever it is announced as', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const missing = 'event_id and user_id are required'
    await answers({ method: 'POST', url: RESERVE, headers, payload: '' }, 400, missing)
  })

  await t.test('404 for a file outside of the documentation', async () => {
    await answers({ url: '/documentation/static/%2e%2e/%2e%2e/package.json' }, 404, 'Not found')
  })

  await t.test('problem details for those who ask', async (t) => {
    const response = await app.inject({ method: 'POST', url: RESERVE, headers: PROBLEM })
    t.equal(response.statusCode, 400)
    t.match(response.headers['content-type'], /^application\/problem\+json/)
    t.strictSame(response.json(), {
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      detail: 'event_id and user_id are required',
      code: 'missing_fields',
    })
    const unknown = await app.inject({ url: '/nowhere', headers: PROBLEM })
    t.match(unknown.json(), { status: 404, code: 'not_found', title: 'Not Found' })
    const method = await app.inject({ method: 'PUT', url: RESERVE, headers: PROBLEM })
    t.match(method.json(), { status: 405, code: 'method_not_allowed' })
  })

  await t.test('a sane X-Request-Id is taken over, another is not', async (t) => {
    const idFor = async (id: string) => {
      const response = await app.inject({ url: '/', headers: { 'x-request-id': id } })
      return response.headers['x-request-id']
    }
    t.equal(await idFor('trace-1:2.3'), 'trace-1:2.3')
    for (const id of ['a b', '"', 'x'.repeat(129), '']) t.match(await idFor(id), /^[\da-f-]{36}$/)
  })

  await t.test('no answer leaves its type to be guessed', async (t) => {
    for (const url of [
      '/',
      '/livez',
      '/readyz',
      '/api/events',
      '/documentation',
      '/documentation/json',
      '/documentation/static/index.html',
      '/documentation/static/swagger-ui.css',
    ]) {
      const { headers } = await app.inject(url)
      t.equal(headers['x-content-type-options'], 'nosniff', url)
    }
  })

  await t.test('the greeting stands at the root and at the base URL', async (t) => {
    for (const url of ['/', '/api', '/api/']) {
      const response = await app.inject(url)
      t.equal(response.statusCode, 200)
      t.equal(response.body, 'Event Booking API is running')
      t.match(response.headers['content-type'], 'text/plain')
    }
    const head = await app.inject({ method: 'HEAD', url: '/' })
    t.equal(head.statusCode, 200)
    t.equal(head.body, '')
  })
})
